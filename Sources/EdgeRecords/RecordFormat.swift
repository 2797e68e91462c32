import Kernel

#if canImport(Glibc)
    import Glibc
#endif

/// How a line of the access log looks.
package enum RecordFormat: String, Sendable, CaseIterable {
    /// One JSON object, the fields of `RecordField`.
    case json
    /// Apache's combined log format.
    case combined
    /// Apache's common log format: combined without Referer and User-Agent.
    case common
}

/// Writes records as lines. It keeps the text of the latest second, as a busy edge ends many requests in one. Not safe to use
/// from two threads at once.
package struct RecordFormatter {
    package let format: RecordFormat
    package let client: ClientShown
    /// Whether what the program logged stands in JSON. A log of requests leaves it to the program's own endpoints.
    private let includesLines: Bool
    private var second: Int64 = .min
    private var stamp: [UInt8] = []
    private var scratch = LineWriter()

    package init(_ format: RecordFormat, client: ClientShown = .full, includesLines: Bool = false) {
        self.format = format
        self.includesLines = includesLines
        self.client = client
    }

    /// The record's line, with its end.
    package mutating func write(_ record: RecordView, to out: inout LineWriter) {
        switch format {
        case .json: writeJSON(record, to: &out)
        case .combined, .common: writeCommon(record, to: &out)
        }
        out.put(byte: 0x0A)
    }

    // MARK: JSON

    private mutating func writeJSON(_ record: RecordView, to out: inout LineWriter) {
        var isFirst = true
        for field in RecordField.all where isTold(field, of: record) {
            out.put(byte: isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
            isFirst = false
            out.put(byte: 0x22)
            out.put(field.name)
            out.put("\":" as StaticString)
            write(field, of: record, to: &out)
        }
        out.put(byte: UInt8(ascii: "}"))
    }

    /// Rare things are told only when there is something to tell.
    private func isTold(_ field: RecordField, of record: RecordView) -> Bool {
        switch field.name {
        case "path": false
        case "identity": record.identity.isSet
        case "backend": !record.backend.isEmpty
        case "referer": record.referer.isSet
        case "restarts": record.restarts > 0
        case "cut": record.flags.contains(.cut)
        case "refused": record.flags.contains(.refused)
        case "log": includesLines && record.hasLines
        default: true
        }
    }

    private mutating func write(_ field: RecordField, of record: RecordView, to out: inout LineWriter) {
        switch field.kind {
        case .text(let read): out.put(quoted: RecordFormatter.short(read(record)))
        case .target(let read): writeMasked(read(record), to: &out)
        case .address:
            out.put(byte: 0x22)
            out.put(client.text(of: record.client))
            out.put(byte: 0x22)
        case .number(let read): out.put(read(record))
        case .milliseconds(let read): out.put(milliseconds: read(record))
        case .flag(let read): out.put(read(record) ? "true" as StaticString : "false")
        case .time:
            out.put(byte: 0x22)
            writeTime(record.began, to: &out)
            out.put(byte: 0x22)
        case .requestID:
            out.put(byte: 0x22)
            for shift in stride(from: 56, through: 0, by: -8) {
                out.put(hexadecimal: UInt8(truncatingIfNeeded: record.requestID >> UInt64(shift)))
            }
            out.put(byte: 0x22)
        case .lines: writeLines(of: record, to: &out)
        }
    }

    private mutating func writeMasked(_ target: Bytes, to out: inout LineWriter) {
        scratch.removeAll()
        SecretParameters.masked(RecordFormatter.short(target), into: &scratch)
        scratch.bytes.withUnsafeBytes { out.put(quoted: Bytes($0)) }
    }

    private func writeLines(of record: RecordView, to out: inout LineWriter) {
        var separator = UInt8(ascii: "[")
        record.forEachLine { line in
            out.put(byte: separator)
            out.put(quoted: line)
            separator = UInt8(ascii: ",")
        }
        out.put(byte: UInt8(ascii: "]"))
    }

    private static func short(_ text: Bytes) -> Bytes {
        text.slice(0, min(text.count, RecordLimits.fieldBytes))
    }

    // MARK: Apache's formats

    /// `host ident user [time] "request" status bytes`, and "referer" "user agent".
    private mutating func writeCommon(_ record: RecordView, to out: inout LineWriter) {
        out.put(client.text(of: record.client))
        out.put(" - - [" as StaticString)
        writeTime(record.began, to: &out)
        out.put("] \"" as StaticString)
        out.put(escaped: RecordFormatter.short(record.method))
        if !record.target.isEmpty {
            out.put(byte: 0x20)
            writeEscapedMasked(record.target, to: &out)
        }
        let version = record.flags.contains(.http2) ? Bytes("HTTP/2.0") : record.proto
        if !version.isEmpty {
            out.put(byte: 0x20)
            out.put(escaped: RecordFormatter.short(version))
        }
        out.put("\" " as StaticString)
        out.put(record.status == 0 ? 499 : Int64(record.status))
        out.put(byte: 0x20)
        if record.bodyBytes == 0 { out.put("-" as StaticString) } else { out.put(record.bodyBytes) }
        guard format == .combined else { return }
        for text in [record.referer, record.userAgent] {
            out.put(" \"" as StaticString)
            if text.isEmpty { out.put("-" as StaticString) } else { writeEscapedMasked(text, to: &out) }
            out.put(byte: 0x22)
        }
    }

    private mutating func writeEscapedMasked(_ target: Bytes, to out: inout LineWriter) {
        scratch.removeAll()
        SecretParameters.masked(RecordFormatter.short(target), into: &scratch)
        scratch.bytes.withUnsafeBytes { out.put(escaped: Bytes($0)) }
    }

    // MARK: time

    private mutating func writeTime(_ nanoseconds: Int64, to out: inout LineWriter) {
        let second = nanoseconds / 1_000_000_000
        if second != self.second {
            self.second = second
            stamp = format == .json ? RecordTime.date(second) : RecordTime.apache(second)
        }
        stamp.withUnsafeBytes { out.put(Bytes($0)) }
        guard format == .json else { return }
        out.put(byte: UInt8(ascii: "."))
        out.put(Int(nanoseconds / 1_000_000 % 1000), digits: 3)
        out.put(byte: UInt8(ascii: "Z"))
    }
}

/// Moments as logs write them, in UTC.
enum RecordTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func parts(_ second: Int64) -> tm {
        var (time, parts) = (time_t(second), tm())
        gmtime_r(&time, &parts)
        return parts
    }

    /// `2026-01-02T03:04:05`
    static func date(_ second: Int64) -> [UInt8] {
        let parts = parts(second)
        var out = LineWriter()
        out.put(Int(parts.tm_year) + 1900, digits: 4)
        for (mark, number) in [("-", parts.tm_mon + 1), ("-", parts.tm_mday)] {
            out.put(mark)
            out.put(Int(number), digits: 2)
        }
        for (mark, number) in [("T", parts.tm_hour), (":", parts.tm_min), (":", parts.tm_sec)] {
            out.put(mark)
            out.put(Int(number), digits: 2)
        }
        return out.bytes
    }

    /// `02/Jan/2026:03:04:05 +0000`
    static func apache(_ second: Int64) -> [UInt8] {
        let parts = parts(second)
        var out = LineWriter()
        out.put(Int(parts.tm_mday), digits: 2)
        out.put("/\(months[Int(parts.tm_mon)])/")
        out.put(Int(parts.tm_year) + 1900, digits: 4)
        for number in [parts.tm_hour, parts.tm_min, parts.tm_sec] {
            out.put(byte: UInt8(ascii: ":"))
            out.put(Int(number), digits: 2)
        }
        out.put(" +0000" as StaticString)
        return out.bytes
    }
}
