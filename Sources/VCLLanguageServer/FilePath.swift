/// Paths as texts, without a disk.
enum FilePath {
    /// The folder of a file, without a slash at its end; "" for the root's files and for names without a
    /// folder.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// `path` seen from `folder`, without `.` and `..`.
    static func joined(_ folder: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return (whole.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// The folder itself and those around it, the nearest first: up to `top`, or `most` of them when it is
    /// not inside.
    static func enclosing(_ folder: String, upTo tops: [String], most: Int) -> [String] {
        var found = [folder]
        let top = tops.first { folder == $0 || folder.hasPrefix($0 + "/") }
        while let last = found.last, last != top, !last.isEmpty, found.count < (top == nil ? most : 32) {
            found.append(self.folder(of: last))
        }
        return found
    }
}
