package import Kernel

/// Reads what was asked for out of an access log, line by line, each in the combined (or common) format of Apache and
/// nginx or as a JSON object. Frequencies stay what they were. Only GETs count: a rehearsal must not send a form again.
package struct AccessLog {
    private var counts: [String: Int] = [:]
    private var order: [String] = []
    private var skipped = 0

    /// Names under which loggers keep the whole request line, and the path alone.
    private static let lineNames = ["request", "request_line", "req"]
    private static let pathNames = ["url", "path", "uri", "request_uri", "target"]
    private static let methodNames = ["method", "request_method", "verb"]

    package init() {}

    /// One line, without its end. Paths beyond `RehearsalLimits.paths` are left out, and counted as such.
    package mutating func add(line: some StringProtocol) {
        guard !line.isEmpty else { return }
        guard let path = AccessLog.path(in: line), PathMix.mistake(in: path) == nil else {
            skipped += 1
            return
        }
        if let count = counts[path] {
            counts[path] = count + 1
        } else if counts.count < RehearsalLimits.paths {
            counts[path] = 1
            order.append(path)
        } else {
            skipped += 1
        }
    }

    package func mix(name: String) throws(Failure) -> PathMix {
        guard !order.isEmpty else {
            throw Failure(
                .invalid, "\(name) holds no GET request",
                hint:
                    "lines are in the combined format, or JSON objects with 'request' or 'method' and 'path'")
        }
        var mix = PathMix(paths: order, weights: order.map { Double(counts[$0] ?? 0) })
        mix.skipped = skipped
        return mix
    }

    static func path(in line: some StringProtocol) -> String? {
        if line.first == "{" { return path(inJSON: String(line)) }
        // host ident user [time] "GET /path HTTP/1.1" ...: the first quotes hold the request.
        let parts = line.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? path(inRequestLine: parts[1]) : nil
    }

    private static func path(inRequestLine line: some StringProtocol) -> String? {
        let words = line.split(separator: " ")
        guard words.count >= 2, words[0] == "GET" else { return nil }
        return origin(String(words[1]))
    }

    private static func path(inJSON line: String) -> String? {
        guard let object = try? JSONReader.read(Array(line.utf8), name: "line") else { return nil }
        // Some keep what belongs to the request in an object of its own.
        let request = object["request"]?.members.isEmpty == false ? object["request"]! : object
        for name in lineNames {
            if let text = request[name]?.string, let path = path(inRequestLine: text) { return path }
        }
        guard let method = methodNames.lazy.compactMap({ request[$0]?.string }).first, method == "GET" else {
            return nil
        }
        return pathNames.lazy.compactMap { request[$0]?.string }.first.flatMap(origin)
    }

    /// The path and the query of a target, which may be a whole URL.
    private static func origin(_ target: String) -> String? {
        guard !target.hasPrefix("/") else { return target }
        guard let scheme = target.firstIndex(of: ":"), target[scheme...].hasPrefix("://") else { return nil }
        let rest = target[target.index(scheme, offsetBy: 3)...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}
