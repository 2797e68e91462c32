import Crypto
import Foundation
import Kernel

/// Changes on an edge's disk, in their order. A record is the length of its text (32 bits), whether that is sealed (32 bits), the
/// first 8 bytes of its SHA-256, and the text: an `EdgeUpdate` in JSON. Numbers are little-endian. Used by one writer.
final class UpdateJournal {
    private static let headBytes = 16

    private let path: URL
    private var handle: FileHandle?
    private(set) var byteCount = 0

    /// One that is there.
    init(_ path: URL) { self.path = path }

    /// An empty one.
    init(new path: URL) throws {
        self.path = path
        guard
            FileManager.default.createFile(
                atPath: path.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw Failure(.unavailable, "cannot write \(path.path)") }
    }

    /// Hands out what it holds, up to the first record that is not whole; the next is written in its place. Records that `box` does
    /// not open are passed over: the secrets are missing anyway.
    func replay(_ box: EntryBox?, _ body: (EdgeUpdate) -> Void) {
        let data = FileManager.default.contents(atPath: path.path) ?? Data()
        var offset = 0
        while let (text, isSealed, next) = UpdateJournal.record(data, at: offset) {
            if let clear = isSealed ? box?.open(text) : text,
                let update = try? JSONDecoder().decode(EdgeUpdate.self, from: clear)
            {
                body(update)
            }
            offset = next
        }
        byteCount = offset
    }

    private static func record(_ data: Data, at offset: Int) -> (text: Data, isSealed: Bool, next: Int)? {
        guard data.count - offset >= headBytes else { return nil }
        func number(_ at: Int) -> UInt32 {
            data[data.startIndex + offset + at..<data.startIndex + offset + at + 4].reversed().reduce(0) {
                $0 << 8 | UInt32($1)
            }
        }
        let count = Int(number(0))
        guard count <= data.count - offset - headBytes else { return nil }
        let start = data.startIndex + offset + headBytes
        let text = Data(data[start..<start + count])
        guard data[start - 8..<start].elementsEqual(checksum(text)) else { return nil }
        return (text, number(4) == 1, offset + headBytes + count)
    }

    private static func checksum(_ text: Data) -> [UInt8] { Array(SHA256.hash(data: text).prefix(8)) }

    /// With `box`, sealed.
    func append(_ update: EdgeUpdate, _ box: EntryBox?) throws {
        let clear = try JSONEncoder().encode(update)
        let text = try box.map { try clear.withUnsafeBytes($0.seal) } ?? clear
        var record = Data(capacity: UpdateJournal.headBytes + text.count)
        for number in [UInt32(text.count), box == nil ? 0 : 1] {
            withUnsafeBytes(of: number.littleEndian) { record.append(contentsOf: $0) }
        }
        record.append(contentsOf: UpdateJournal.checksum(text))
        record.append(text)
        let handle = try opened()
        try handle.write(contentsOf: record)
        byteCount += record.count
    }

    /// At the end of what is whole.
    private func opened() throws -> FileHandle {
        if let handle { return handle }
        let handle = try FileHandle(forWritingTo: path)
        try handle.truncate(atOffset: UInt64(byteCount))
        try handle.seek(toOffset: UInt64(byteCount))
        self.handle = handle
        return handle
    }

    deinit { try? handle?.close() }
}
