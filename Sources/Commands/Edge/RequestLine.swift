import Foundation
import Journey
import Kernel

/// One line of an edge's log of requests, for a person.
struct RequestLine {
    private let fields: JSON

    /// Nil for what is no line of a log.
    init?(_ line: Data) {
        guard let fields = try? JSONDecoder().decode(JSON.self, from: line), case .object = fields else {
            return nil
        }
        self.fields = fields
    }

    /// How many lines this one says were left out; nil for a request.
    var lost: Int64? { if case .integer(let count) = fields["lost"] { count } else { nil } }

    private func text(_ name: String) -> String { fields[name]?.string ?? "" }

    private func number(_ name: String) -> Double {
        switch fields[name] {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: 0
        }
    }

    /// `12:03:04.123  200 HIT    0.2 ms     512 B  GET www.example.org/debate  192.0.2.7`
    func text(colour: Bool) -> String {
        let status = Int(number("status"))
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        let tone = status >= 500 ? "31" : status >= 400 ? "33" : status >= 300 ? "36" : "32"
        var parts = [
            String(text("time").dropFirst(11).prefix(12)), paint(tone, "\(status)"),
            text("cache").padded(to: 5),
            Duration.nanoseconds(Int64(number("ms") * 1e6)).brief.padded(to: 8),
            ByteCount(Int(number("bytes"))).description.padded(to: 9),
            "\(RequestLine.plain(text("method"))) \(RequestLine.plain(text("host") + text("target")))",
            text("client"),
        ]
        if !text("backend").isEmpty { parts.append("from \(text("backend"))") }
        if fields["cut"] == .bool(true) { parts.append("(client left)") }
        if fields["refused"] == .bool(true) { parts.append("(malformed)") }
        var lines = [parts.joined(separator: "  ")]
        if case .array(let logged) = fields["log"] {
            lines += logged.compactMap(\.string).map { paint("2", "    log: " + RequestLine.plain($0)) }
        }
        return lines.joined(separator: "\n")
    }

    /// What clients send may hold a terminal's control characters.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
