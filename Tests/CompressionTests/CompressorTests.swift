import Testing

@testable import Compression

@Suite struct CompressorTests {
    static let text = Array(String(repeating: "We choose to go to the moon. ", count: 20_000).utf8)

    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    static func compressed(
        _ input: [UInt8], _ coding: ContentCoding, step: Int = 10_000, flushes: Bool = false
    ) throws
        -> [UInt8]
    {
        let compressor = try Compressor(coding)
        var out: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: step) {
            out += input[start..<min(input.count, start + step)].withUnsafeBytes {
                compressor.compress($0, flushes: flushes)
            }
        }
        return out + compressor.finish()
    }

    static func plain(_ input: [UInt8], _ coding: ContentCoding, step: Int = 777) throws -> [UInt8] {
        let decompressor = try Decompressor(coding)
        var out: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: step) {
            out += try input[start..<min(input.count, start + step)].withUnsafeBytes {
                try decompressor.decompress($0)
            }
        }
        try decompressor.finish()
        return out
    }

    @Test(arguments: ContentCoding.allCases, [1, 100, 64 * 1024, 1 << 20])
    func givesBackWhatWasCompressed(coding: ContentCoding, step: Int) throws {
        for input in [[], [7], Self.text, Self.bytes(200_000, seed: 3)] where input.count / step < 100_000 {
            let packed = try Self.compressed(input, coding, step: step)
            #expect(try Self.plain(packed, coding) == input)
        }
        #expect(try Self.compressed(Self.text, coding, step: step).count < Self.text.count / 20)
    }

    @Test(arguments: ContentCoding.allCases)
    func letsWhatWasFlushedBeReadAtOnce(coding: ContentCoding) throws {
        let compressor = try Compressor(coding)
        let decompressor = try Decompressor(coding)
        for piece in ["first ", "second ", "third"] {
            let sent = Array(piece.utf8).withUnsafeBytes { compressor.compress($0, flushes: true) }
            #expect(try sent.withUnsafeBytes { try decompressor.decompress($0) } == Array(piece.utf8))
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func refusesHalfABodyAndGarbage(coding: ContentCoding) throws {
        let packed = try Self.compressed(Self.text, coding)
        #expect(throws: Decompressor.Fault.malformed) {
            try Self.plain(Array(packed.dropLast(packed.count / 2)), coding)
        }
        #expect(throws: Decompressor.Fault.malformed) {
            try Self.plain(Array("<html>no coding</html>".utf8), coding)
        }
        #expect(throws: Decompressor.Fault.malformed) {
            try Self.plain(packed + Array("behind the end".utf8), coding)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func stopsABomb(coding: ContentCoding) throws {
        let bomb = try Self.compressed([UInt8](repeating: 0, count: 30 << 20), coding, step: 1 << 20)
        #expect(throws: Decompressor.Fault.tooLarge) { try Self.plain(bomb, coding) }
        let small = try Decompressor(coding, limit: 1000)
        let packed = try Self.compressed(Self.text, coding)
        #expect(throws: Decompressor.Fault.tooLarge) {
            try packed.withUnsafeBytes { try small.decompress($0) }
        }
    }

    @Test func readsMembersOfGzipBehindEachOther() throws {
        let two = try Self.compressed(Array("one".utf8), .gzip) + Self.compressed(Array("two".utf8), .gzip)
        #expect(try Self.plain(two, .gzip, step: 1) == Array("onetwo".utf8))
        #expect(try Self.plain(two, .gzip, step: 1000) == Array("onetwo".utf8))
    }
}
