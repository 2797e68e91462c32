import Kernel

/// Parts of a request's target.
enum Target {
    static func path(_ target: Bytes) -> Bytes {
        target.firstIndex(of: UInt8(ascii: "?")).map { target.slice(0, $0) } ?? target
    }

    static func query(_ target: Bytes) -> Bytes {
        target.firstIndex(of: UInt8(ascii: "?")).map { target.slice($0 + 1, target.count) } ?? .empty
    }

    static func basename(_ path: Bytes) -> Bytes {
        path.lastIndex(of: UInt8(ascii: "/")).map { path.slice($0 + 1, path.count) } ?? path
    }

    static func dirname(_ path: Bytes) -> Bytes {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return Bytes(".") }
        return slash == 0 ? Bytes("/") : path.slice(0, slash)
    }

    static func extension_(_ path: Bytes) -> Bytes {
        let name = basename(path)
        return name.lastIndex(of: UInt8(ascii: ".")).map { name.slice($0 + 1, name.count) } ?? .empty
    }

    /// A target up to its first octet that cannot stand in one, so that no program can be made to split a request.
    static func clean(_ value: Bytes) -> Bytes {
        guard let start = value.start, value.count > 0 else { return Bytes("/") }
        for index in 0..<value.count where start[index] <= 0x20 || start[index] == 0x7F {
            return index == 0 ? Bytes("/") : value.slice(0, index)
        }
        return value
    }
}
