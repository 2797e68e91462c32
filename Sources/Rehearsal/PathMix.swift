package import Kernel

/// What is asked for, and how often: the paths of a site with a weight each.
package struct PathMix: Sendable, Equatable {
    package private(set) var paths: [String] = []
    package private(set) var weights: [Double] = []
    /// Lines of a log that held no GET of a path.
    package internal(set) var skipped = 0

    package init() {}

    package init(paths: [String], weights: [Double]) {
        precondition(paths.count == weights.count, "a weight for each path")
        self.paths = paths
        self.weights = weights
    }

    /// A list: a path on each line, or a weight and a path (`3 /donate`). Without weights the paths' popularity falls as
    /// that of pages does, by Zipf's law: the second is asked for half as often as the first, the third a third. Empty
    /// lines and those that begin with `#` are left out.
    package static func list(_ text: String, name: String) throws(Failure) -> PathMix {
        var mix = PathMix()
        var isWeighted: Bool?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let weight = words.count == 2 ? Double(first) : nil
            guard words.count == 1 || (weight.map { $0.isFinite && $0 > 0 } ?? false) else {
                throw Failure(
                    .invalid, "\(name):\(index + 1): expected a path, or a weight above 0 and a path",
                    hint: "such as '/donate' or '3 /donate'")
            }
            if let isWeighted, isWeighted != (weight != nil) {
                throw Failure(
                    .invalid, "\(name):\(index + 1): some lines have a weight and some have none",
                    hint: "give each line a weight, or none")
            }
            isWeighted = weight != nil
            let path = String(words[words.count - 1])
            if let mistake = mistake(in: path) {
                throw Failure(.invalid, "\(name):\(index + 1): \(mistake)")
            }
            mix.paths.append(path)
            mix.weights.append(weight ?? 1 / Double(mix.paths.count))
            guard mix.paths.count <= RehearsalLimits.paths else {
                throw Failure(.limit, "\(name) has more than \(grouped(RehearsalLimits.paths)) paths")
            }
        }
        guard !mix.paths.isEmpty else {
            throw Failure(.invalid, "\(name) has no path", hint: "write one on each line, such as '/donate'")
        }
        return mix
    }

    /// What keeps a text from being the target of a request, in words; nil when nothing does.
    package static func mistake(in path: String) -> String? {
        if !path.hasPrefix("/") { return "a path begins with '/', not as '\(path.prefix(40))' does" }
        if path.utf8.count > RehearsalLimits.pathBytes {
            return "a path has \(grouped(RehearsalLimits.pathBytes)) bytes at most"
        }
        return path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
            ? nil : "a path holds visible ASCII characters alone, without '#'"
    }
}
