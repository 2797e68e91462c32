/// Translates the format of a log endpoint, in Apache's language with Fastly's additions, into an expression
/// of VCL. Directives: Fastly's guide to custom log formats, version 2.
enum LogFormat {
    static func expression(_ format: String) -> String {
        var reader = Reader(format)
        let parts = reader.parts()
        return parts.isEmpty ? "\"\"" : parts.joined(separator: " ")
    }

    /// Directives without an argument.
    private static let plain: [Character: String] = [
        "%": "\"%25\"", "a": "req.http.Fastly-Client-IP", "A": "server.ip", "B": "resp.body_bytes_written",
        "b": "if(resp.body_bytes_written == 0, \"-\", resp.body_bytes_written)", "D": "time.elapsed.usec",
        "f": "req.url.path", "h": "req.http.Fastly-Client-IP", "H": "req.proto", "I": "req.bytes_read",
        "k": "\"0\"", "l": "\"-\"", "m": "req.method", "O": "resp.bytes_written", "p": "server.port",
        "P": "\"-\"", "q": "if(req.url.qs == \"\", \"\", \"?\" req.url.qs)",
        "r": "req.method \" \" req.url \" \" req.proto", "R": "\"-\"", "s": "resp.status",
        "S": "resp.bytes_written", "t": "\"[\" strftime({\"%d/%b/%Y:%H:%M:%S %z\"}, time.start) \"]\"",
        "T": "time.elapsed.sec", "u": "\"-\"", "U": "req.url.path", "v": "req.http.Host",
        "V": "req.http.Host", "X": "\"+\"",
    ]

    /// A directive with an argument in braces; nil for one that does not exist.
    private static func directive(_ letter: Character, _ argument: String) -> String? {
        switch letter {
        case "V": argument
        case "i": "req.http.\(argument)"
        case "o": "resp.http.\(argument)"
        case "C": "req.http.Cookie:\(argument)"
        case "t": time(argument)
        case "p": "server.port"
        case "T": times[argument].map { "time.elapsed.\($0)" }
        case "e", "n", "P": "\"-\""
        default: nil
        }
    }

    private static let times: [String: String] = ["s": "sec", "ms": "msec", "us": "usec"]

    private static func time(_ argument: String) -> String {
        let atEnd = argument.hasPrefix("end:")
        let moment = atEnd ? "time.end" : "time.start"
        let format =
            atEnd || argument.hasPrefix("begin:") ? String(argument.drop { $0 != ":" }.dropFirst()) : argument
        switch format {
        case "sec", "msec", "usec": return "\(moment).\(format)"
        case "msec_frac", "usec_frac": return "\(moment).\(format)"
        default: return "strftime(\(VCLText.string(format)), \(moment))"
        }
    }

    private struct Reader {
        let text: [Character]
        var at = 0

        /// A line of a log is one line, however the format is broken.
        init(_ format: String) { text = format.map { $0.isNewline ? " " : $0 } }

        mutating func parts() -> [String] {
            var parts: [String] = []
            var plain = ""
            while at < text.count {
                let start = at
                at += 1
                if text[start] == "%", let part = directive() {
                    if !plain.isEmpty { parts.append(VCLText.string(plain)) }
                    plain = ""
                    parts.append(part)
                } else {
                    at = start + 1
                    plain.append(text[start])
                }
            }
            if !plain.isEmpty { parts.append(VCLText.string(plain)) }
            return parts
        }

        private mutating func directive() -> String? {
            // `%>s` is the last status and `%<s` the first; here there is one.
            if at < text.count, text[at] == ">" || text[at] == "<" { at += 1 }
            let argument = braces()
            guard at < text.count else { return nil }
            let letter = text[at]
            at += 1
            return argument.map { LogFormat.directive(letter, $0) } ?? LogFormat.plain[letter]
        }

        /// What stands between braces. An expression may hold strings with braces in them.
        private mutating func braces() -> String? {
            guard at < text.count, text[at] == "{" else { return nil }
            var depth = 0
            var quoted = false
            for end in at..<text.count {
                if text[end] == "\"" { quoted.toggle() }
                if quoted { continue }
                if text[end] == "{" { depth += 1 }
                if text[end] == "}" { depth -= 1 }
                if depth == 0 {
                    defer { at = end + 1 }
                    return String(text[(at + 1)..<end])
                }
            }
            return nil
        }
    }
}
