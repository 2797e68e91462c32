package import Kernel

/// Frames messages for syslog (RFC 5424).
package struct SyslogMessage: Sendable {
    /// What stands in front of each message, apart from the time.
    private let head: String
    private let tail: String

    /// `local0.info`: what web servers' access logs mostly are sent as.
    private static let priority = 16 * 8 + 6

    /// `host` and `application` lose what a header may not hold (RFC 5424, section 6).
    package init(host: String, application: String, process: Int) {
        func word(_ text: String, _ most: Int) -> String {
            let kept = text.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F }.prefix(most)
            return kept.isEmpty ? "-" : String(String.UnicodeScalarView(kept))
        }
        head = "<\(SyslogMessage.priority)>1 "
        tail = " \(word(host, 255)) \(word(application, 48)) \(process) - - "
    }

    /// One message at `time` (nanoseconds since 1970).
    package func frame(_ message: Bytes, time: Int64) -> [UInt8] {
        var out = LineWriter()
        out.put(head)
        RecordTime.date(time / 1_000_000_000).withUnsafeBytes { out.put(Bytes($0)) }
        out.put(byte: UInt8(ascii: "."))
        out.put(Int(time / 1_000_000 % 1000), digits: 3)
        out.put(byte: UInt8(ascii: "Z"))
        out.put(tail)
        out.put(message)
        return out.bytes
    }

    /// For a stream: the length in front (RFC 6587, section 3.4.1).
    package static func counted(_ frame: [UInt8]) -> [UInt8] { Array("\(frame.count) ".utf8) + frame }
}
