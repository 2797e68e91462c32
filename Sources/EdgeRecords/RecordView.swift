package import Kernel

/// A record, read in place. Its views live as long as the bytes that it was made of.
package struct RecordView {
    private let start: UnsafeRawPointer
    package let count: Int
    /// The request line and the header lines that are logged.
    package let method, target, proto: Bytes
    package private(set) var (host, referer, userAgent) = (Bytes.notSet, Bytes.notSet, Bytes.notSet)

    /// The record that begins at `start`.
    package init(_ start: UnsafeRawPointer) {
        self.start = start
        count = Int(start.loadUnaligned(as: UInt32.self))
        let head = Bytes(
            UnsafeRawBufferPointer(
                start: start + RecordDraft.fixedBytes + Int(RecordView.byte(start, 75))
                    + Int(RecordView.byte(start, 76)),
                count: Int(start.loadUnaligned(fromByteOffset: 78, as: UInt16.self))))
        let (line, lines) = RecordView.cut(head)
        let first = line.firstIndex(of: 0x20) ?? line.count
        let last = line.lastIndex(of: 0x20).flatMap { $0 > first ? $0 : nil } ?? line.count
        method = line.slice(0, first)
        target = line.slice(min(first + 1, last), last)
        proto = line.slice(min(last + 1, line.count), line.count)
        readFields(lines)
    }

    private static func byte(_ start: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        start.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The first line, without what ends it, and what follows.
    private static func cut(_ text: Bytes) -> (Bytes, Bytes) {
        let end = text.firstIndex(of: 0x0A) ?? text.count
        let line = end > 0 && text[end - 1] == 0x0D ? text.slice(0, end - 1) : text.slice(0, end)
        return (line, text.slice(min(end + 1, text.count), text.count))
    }

    private mutating func readFields(_ text: Bytes) {
        var rest = text
        while !rest.isEmpty {
            let (line, more) = RecordView.cut(rest)
            rest = more
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = line.slice(0, colon)
            switch colon {
            case 4 where !host.isSet && name.equalsIgnoringCase("Host"): host = value(line, colon)
            case 7 where !referer.isSet && name.equalsIgnoringCase("Referer"): referer = value(line, colon)
            case 10 where !userAgent.isSet && name.equalsIgnoringCase("User-Agent"):
                userAgent = value(line, colon)
            default: break
            }
        }
    }

    private func value(_ line: Bytes, _ colon: Int) -> Bytes { line.slice(colon + 1, line.count).trimmed }

    private func load<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
        start.loadUnaligned(fromByteOffset: offset, as: type)
    }

    // MARK: what is known

    package var status: Int { Int(load(4, as: UInt16.self)) }
    package var cache: CacheResult { CacheResult(rawValue: load(6, as: UInt8.self)) ?? .error }
    package var flags: RecordDraft.Flags { .init(rawValue: load(7, as: UInt8.self)) }
    package var began: Int64 { load(8, as: Int64.self) }
    package var elapsed: Int64 { load(16, as: Int64.self) }
    package var firstByte: Int64 { load(24, as: Int64.self) }
    package var bodyBytes: Int64 { load(32, as: Int64.self) }
    package var client: IPAddress {
        IPAddress(high: load(40, as: UInt64.self), low: load(48, as: UInt64.self))
    }
    package var requestID: UInt64 { load(56, as: UInt64.self) }
    package var snapshot: Int64 { load(64, as: Int64.self) }
    package var clientPort: Int { Int(load(72, as: UInt16.self)) }
    package var restarts: Int { Int(load(74, as: UInt8.self)) }
    package var identity: Bytes {
        guard load(77, as: UInt8.self) == 1 else { return .notSet }
        return view(RecordDraft.fixedBytes, Int(load(75, as: UInt8.self)))
    }
    package var backend: Bytes {
        view(RecordDraft.fixedBytes + Int(load(75, as: UInt8.self)), Int(load(76, as: UInt8.self)))
    }
    /// Lines that found no room.
    package var lostLines: Int { Int(load(82, as: UInt16.self)) }

    package var hasLines: Bool { load(80, as: UInt16.self) > 0 }

    package func forEachLine(_ body: (Bytes) -> Void) {
        var at =
            RecordDraft.fixedBytes + Int(load(75, as: UInt8.self)) + Int(load(76, as: UInt8.self))
            + Int(load(78, as: UInt16.self))
        for _ in 0..<load(80, as: UInt16.self) {
            let length = Int(load(at, as: UInt16.self))
            body(view(at + 2, length))
            at += 2 + length
        }
    }

    private func view(_ offset: Int, _ count: Int) -> Bytes {
        Bytes(UnsafeRawBufferPointer(start: start + offset, count: count))
    }
}
