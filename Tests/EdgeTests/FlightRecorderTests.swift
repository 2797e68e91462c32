import EdgeRecords
import Kernel
import Testing

@testable import Edge

@Suite struct FlightRecorderTests {
    private let arena = Arena()

    private func draft(_ client: String, _ number: Int, identity: String? = nil) -> RecordDraft {
        var draft = RecordDraft()
        draft.client = IPAddress(client)!
        draft.began = Int64(number)
        draft.head = arena.copy("GET /\(number) HTTP/1.1\r\n\r\n")
        if let identity { draft.identity = arena.copy(identity) }
        draft.lines = [arena.copy(String(repeating: "l", count: 1000))]
        return draft
    }

    private func targets(_ records: [[UInt8]]) -> [String] {
        records.map { bytes in bytes.withUnsafeBytes { RecordView($0.baseAddress!).target.string } }
    }

    @Test func keepsTheLatestOfEachClient() throws {
        let recorder = try #require(FlightRecorder(bytes: 1 << 20))
        for number in 0..<20 {
            recorder.record(draft("192.0.2.1", number))
            if number < 3 { recorder.record(draft("192.0.2.2", 100 + number)) }
        }
        #expect(targets(recorder.requests(of: "192.0.2.1")) == (4..<20).map { "/\($0)" })
        #expect(targets(recorder.requests(of: "192.0.2.2")) == ["/100", "/101", "/102"])
        #expect(recorder.requests(of: "192.0.2.3").isEmpty && recorder.requests(of: "").isEmpty)
    }

    /// A client is what the program says, else its address.
    @Test func knowsClientsByTheirIdentity() throws {
        let recorder = try #require(FlightRecorder(bytes: 1 << 20))
        recorder.record(draft("192.0.2.1", 1, identity: "ann"))
        recorder.record(draft("192.0.2.2", 2, identity: "ann"))
        recorder.record(draft("192.0.2.1", 3))
        #expect(targets(recorder.requests(of: "ann")) == ["/1", "/2"])
        #expect(targets(recorder.requests(of: "192.0.2.1")) == ["/3"])
        let long = String(repeating: "x", count: 200)
        recorder.record(draft("192.0.2.1", 4, identity: long))
        #expect(targets(recorder.requests(of: long)) == ["/4"])
    }

    /// Whoever was not seen for longest makes room, and memory stays what it was.
    @Test func forgetsWhoWasNotSeenForLongest() throws {
        let bytes = LogLimits.flightWays * LogLimits.flightRequests * LogLimits.flightBytes
        #expect(FlightRecorder(bytes: bytes - 1) == nil)
        let recorder = try #require(FlightRecorder(bytes: bytes))
        for number in 0..<LogLimits.flightWays { recorder.record(draft("192.0.2.\(number)", number)) }
        recorder.record(draft("192.0.2.0", 50))
        recorder.record(draft("192.0.2.200", 51))
        #expect(recorder.requests(of: "192.0.2.1").isEmpty)
        #expect(targets(recorder.requests(of: "192.0.2.0")) == ["/0", "/50"])
        #expect(targets(recorder.requests(of: "192.0.2.200")) == ["/51"])
    }

    @Test func keepsLongRequestsInPart() throws {
        let recorder = try #require(FlightRecorder(bytes: 1 << 20))
        var long = draft("192.0.2.1", 1)
        long.head = arena.copy("GET /" + String(repeating: "x", count: 5000) + " HTTP/1.1\r\n\r\n")
        recorder.record(long)
        let kept = try #require(targets(recorder.requests(of: "192.0.2.1")).first)
        #expect(kept.hasPrefix("/xxxx") && kept.utf8.count < LogLimits.flightBytes)
    }
}
