import Kernel

/// The parameters behind a URL's question mark. What is empty (no name) is dropped whenever the URL is put together again.
enum QueryString {
    /// Stands between names in the list that `querystring.filter` takes; no URL can hold it.
    static let separator: UInt8 = 0x01

    static func name(_ part: Bytes) -> Bytes {
        part.firstIndex(of: UInt8(ascii: "=")).map { part.slice(0, $0) } ?? part
    }

    /// What stands behind the first `name=`, as it is written. Names are compared in their one proper encoding.
    static func get(_ url: Bytes, _ wanted: Bytes, _ context: Context) -> Bytes {
        let key = Percent.encode(Percent.decode(wanted, plus: false, context), context)
        guard key.count > 0 else { return .notSet }
        var found = Bytes.notSet
        forEach(url) { part in
            guard !found.isSet, part.count > key.count, part.hasPrefix(key), part[key.count] == 0x3D else {
                return
            }
            found = part.slice(key.count + 1, part.count)
        }
        return found
    }

    static func forEach(_ url: Bytes, _ body: (Bytes) -> Void) {
        guard let mark = url.firstIndex(of: UInt8(ascii: "?")) else { return }
        var from = mark + 1
        while from < url.count {
            let to = url.firstIndex(of: UInt8(ascii: "&"), from: from) ?? url.count
            body(url.slice(from, to))
            from = to + 1
        }
    }

    /// The URL with those parameters that `keep` wants.
    static func filtered(_ url: Bytes, _ context: Context, _ keep: (Bytes) -> Bool) -> Bytes {
        guard url.isSet, context.mayMake(url.count) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: url.count)
        writer.put(Target.path(url))
        var isFirst = true
        forEach(url) { part in
            let name = name(part)
            guard name.count > 0, keep(name) else { return }
            writer.put(isFirst ? 0x3F : 0x26)
            writer.put(part)
            isFirst = false
        }
        return writer.finish()
    }

    static func isListed(_ name: Bytes, in list: Bytes) -> Bool {
        var from = 0
        while from < list.count {
            let to = list.firstIndex(of: separator, from: from) ?? list.count
            if list.slice(from, to) == name { return true }
            from = to + 1
        }
        return false
    }

    /// By name, bytes in their order; parameters of one name keep theirs, or only the first stays.
    static func sorted(_ url: Bytes, unique: Bool, _ context: Context) -> Bytes {
        guard url.isSet, context.mayMake(url.count) else { return .notSet }
        var parts: [(name: Bytes, part: Bytes)] = []
        forEach(url) { part in
            let name = name(part)
            if name.count > 0 { parts.append((name, part)) }
        }
        guard parts.count <= VCLRuntimeLimits.sortedParameters else { return url }
        // Few enough for insertion, which keeps the order of equals and allocates nothing.
        for index in parts.indices.dropFirst() {
            var at = index
            while at > 0, parts[at].name.buffer.lexicographicallyPrecedes(parts[at - 1].name.buffer) {
                parts.swapAt(at, at - 1)
                at -= 1
            }
        }
        var writer = ArenaWriter(context.arena, room: url.count)
        writer.put(Target.path(url))
        for (index, (name, part)) in parts.enumerated() {
            if unique, index > 0, parts[index - 1].name == name { continue }
            writer.put(index == 0 ? 0x3F : 0x26)
            writer.put(part)
        }
        return writer.finish()
    }

    static func adding(_ url: Bytes, _ name: Bytes, _ value: Bytes, _ context: Context) -> Bytes {
        guard url.isSet else { return .notSet }
        let (key, text) = (Percent.encode(name, context), Percent.encode(value, context))
        guard key.count > 0, context.mayMake(url.count + key.count + text.count + 2) else { return url }
        let hasQuery = url.firstIndex(of: 0x3F) != nil
        let between = !hasQuery ? Bytes("?") : url[url.count - 1] == 0x3F ? .empty : Bytes("&")
        return context.concatenate([url, between, key, Bytes("="), text])
    }

    /// The first parameter of this name replaced and the others of it gone, or a new one at the end.
    static func setting(_ url: Bytes, _ name: Bytes, _ value: Bytes, _ context: Context) -> Bytes {
        guard url.isSet else { return .notSet }
        let (key, text) = (Percent.encode(name, context), Percent.encode(value, context))
        let room = url.count + key.count + text.count + 2
        guard key.count > 0, context.mayMake(room) else { return url }
        var writer = ArenaWriter(context.arena, room: room)
        writer.put(Target.path(url))
        var (isFirst, done) = (true, false)
        forEach(url) { part in
            let other = QueryString.name(part)
            guard other.count > 0, !(done && other == key) else { return }
            writer.put(isFirst ? 0x3F : 0x26)
            isFirst = false
            guard other == key else { return writer.put(part) }
            writer.put(key: key, value: text)
            done = true
        }
        if !done {
            writer.put(isFirst ? 0x3F : 0x26)
            writer.put(key: key, value: text)
        }
        return writer.finish()
    }

    /// Whether a name fits a pattern of `*` (any bytes), `?` (one byte), `[a-z]`, `[!a-z]` and `\` before either. Its work is
    /// bounded by the product of both lengths.
    static func matches(_ name: Bytes, glob: Bytes) -> Bool {
        var (at, place) = (0, 0)
        var star: (place: Int, at: Int)?
        while at < name.count {
            if place < glob.count, glob[place] == 0x2A {
                star = (place + 1, at)
                place += 1
            } else if let next = step(name[at], glob, place) {
                at += 1
                place = next
            } else if let last = star {
                star = (last.place, last.at + 1)
                (place, at) = (last.place, last.at + 1)
            } else {
                return false
            }
        }
        while place < glob.count, glob[place] == 0x2A { place += 1 }
        return place == glob.count
    }

    /// Where the pattern goes on when `byte` fits what stands at `place`, else nil.
    private static func step(_ byte: UInt8, _ glob: Bytes, _ place: Int) -> Int? {
        guard place < glob.count else { return nil }
        switch glob[place] {
        case 0x3F: return place + 1
        case 0x5C where place + 1 < glob.count: return glob[place + 1] == byte ? place + 2 : nil
        case 0x5B:
            guard let close = glob.firstIndex(of: 0x5D, from: place + 2) else { break }
            var at = place + 1
            let negated = glob[at] == 0x21 || glob[at] == 0x5E
            if negated { at += 1 }
            var found = false
            while at < close {
                if at + 2 < close, glob[at + 1] == 0x2D {
                    found = found || (glob[at] <= byte && byte <= glob[at + 2])
                    at += 3
                } else {
                    found = found || glob[at] == byte
                    at += 1
                }
            }
            return found != negated ? close + 1 : nil
        default: break
        }
        return glob[place] == byte ? place + 1 : nil
    }
}

extension ArenaWriter {
    fileprivate mutating func put(key: Bytes, value: Bytes) {
        put(key)
        put(0x3D)
        put(value)
    }
}
