import Kernel
import Testing

@testable import EdgeRecords

@Suite struct RecordDraftTests {
    @Test func isReadAsItWasWritten() {
        let bytes = record(identity: "ann", backend: "F_origin", lines: ["one", "", "three"]) {
            $0.flags = [.tls, .cut]
            $0.restarts = 2
            $0.clientPort = 4711
        }
        view(bytes) { record in
            #expect(record.count == bytes.count)
            #expect(record.began == 1_767_323_045_678_000_000 && record.elapsed == 1_234_567)
            #expect(record.firstByte == 1_000_000 && record.bodyBytes == 512)
            #expect(record.status == 200 && record.cache == .hit && record.flags == [.tls, .cut])
            #expect(record.client == IPAddress("192.0.2.77") && record.clientPort == 4711)
            #expect(record.requestID == 0xAB && record.snapshot == 3 && record.restarts == 2)
            #expect(record.method.string == "GET" && record.target.string == "/a?x=1")
            #expect(record.proto.string == "HTTP/1.1" && record.host.string == "www.example.org")
            #expect(record.userAgent.string == "Firefox" && !record.referer.isSet)
            #expect(record.identity.string == "ann" && record.backend.string == "F_origin")
            var lines: [String] = []
            record.forEachLine { lines.append($0.string) }
            #expect(lines == ["one", "", "three"])
        }
    }

    @Test func tellsAnIdentityThatIsEmptyFromOneThatIsNotSet() {
        view(record(identity: "")) { #expect($0.identity.isSet && $0.identity.isEmpty) }
        view(record()) { #expect(!$0.identity.isSet) }
    }

    @Test func cutsWhatIsTooLong() {
        let bytes = record(
            head: "GET /" + String(repeating: "x", count: 20_000),
            identity: String(repeating: "i", count: 300),
            lines: Array(repeating: String(repeating: "l", count: 20_000), count: 80))
        #expect(bytes.count <= RecordLimits.chunkBytes)
        view(bytes) { record in
            #expect(record.target.count == RecordLimits.headBytes - 4 && record.identity.count == 255)
            var lengths: [Int] = []
            record.forEachLine { lengths.append($0.count) }
            #expect(lengths.count == RecordLimits.lines && record.lostLines == 16)
            #expect(lengths[0] == RecordLimits.lineBytes && lengths.reduce(0, +) == RecordLimits.linesBytes)
        }
    }

    /// Whatever is in it, it fits where it was said to fit.
    @Test(arguments: [300, 511, 512, 2048])
    func fitsIntoItsRoom(room: Int) {
        let bytes = record(
            head: "GET /" + String(repeating: "x", count: 3000), identity: "ann", backend: "b",
            lines: ["a", "b"], room: room)
        #expect(bytes.count <= room)
        view(bytes) {
            #expect($0.method.string == "GET" && $0.identity.string == "ann" && $0.backend.string == "b")
        }
    }

    @Test func promisesNoLessThanItNeeds() {
        let arena = Arena()
        for head in [0, 100, 9000] {
            for lines in [0, 1, 70] {
                var draft = RecordDraft()
                draft.head = arena.copy(String(repeating: "h", count: head))
                draft.lines = (0..<lines).map { _ in arena.copy(String(repeating: "l", count: 1000)) }
                let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 17, alignment: 8)
                defer { memory.deallocate() }
                #expect(draft.encode(to: memory, room: 1 << 17) <= draft.mostBytes)
                #expect(draft.mostBytes <= RecordLimits.chunkBytes)
            }
        }
    }

    @Test(arguments: ["", "\r\n", "GET", "GET ", "GET /", " / HTTP/1.1", "a b c d", "\u{0}\u{1}"])
    func readsAnyHead(head: String) {
        view(record(head: head)) { record in
            #expect(record.method.count + record.target.count + record.proto.count <= head.utf8.count)
        }
    }
}
