import EdgeRecords
import Foundation
import Kernel
import Testing

@testable import Edge

@Suite struct LogDestinationTests {
    private func batch(_ text: String) -> LogBatch { LogBatch(bytes: Array((text + "\n").utf8), lines: 1) }

    @Test func countsWhatFindsNoRoom() async throws {
        let sink = MemorySink()
        sink.hold()
        let destination = try memoryLog(sink)
        destination.start()
        let large = LogBatch(bytes: [UInt8](repeating: 0x78, count: 1 << 20), lines: 10)
        let most = LogLimits.waitingBytes >> 20
        for _ in 0..<most + 3 { destination.offer(large) }
        #expect(destination.counts.lost == 30)
        sink.release()
        #expect(try await eventually { destination.counts.written == most * 10 })
        // There is room again.
        destination.offer(batch("x"))
        #expect(try await eventually { destination.counts.written == most * 10 + 1 })
        await destination.stop()
        #expect(destination.counts.lost == 30)
    }

    @Test func triesAgain() async throws {
        let (sink, said) = (MemorySink(), Guarded<[String]>([]))
        let destination = try memoryLog(sink, retries: [.zero + .nanoseconds(1), .nanoseconds(1)]) { text in
            said.withLock { $0.append(text) }
        }
        destination.start()
        sink.fail(times: 2)
        destination.offer(batch("kept"))
        #expect(try await eventually { sink.lines == ["kept"] })
        await destination.stop()
        #expect(destination.counts == .init(written: 1, lost: 0, failures: 2))
        #expect(said.withLock { $0 }.count == 2 && said.withLock { $0 }.last?.contains("again") == true)
    }

    @Test func givesUpAndGoesOn() async throws {
        let (sink, said) = (MemorySink(), Guarded<[String]>([]))
        let destination = try memoryLog(sink, retries: [.nanoseconds(1)]) { text in
            said.withLock { $0.append(text) }
        }
        destination.start()
        sink.fail(times: 2)
        destination.offer(batch("lost"))
        #expect(try await eventually { destination.counts.lost == 1 })
        destination.offer(batch("kept"))
        #expect(try await eventually { sink.lines == ["kept"] })
        await destination.stop()
        #expect(said.withLock { $0 }.count == 2)
    }

    @Test func writesOnceAfterTheFileWasMovedAway() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/a.log"
        let destination = try LogDestination(try LogPlace(path), .requests, host: "h") { _ in }
        destination.start()
        destination.offer(batch("one"))
        #expect(try await eventually { destination.counts.written == 1 })
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        destination.offer(batch("two"))
        #expect(try await eventually { destination.counts.written == 2 })
        await destination.reopen()
        destination.offer(batch("three"))
        #expect(try await eventually { destination.counts.written == 3 })
        await destination.stop()
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "one\ntwo\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "three\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect((mode ?? 0o777) & 0o007 == 0)
    }

    @Test func appendsToAFileThatIsThere() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/a.log"
        try Data("old\n".utf8).write(to: URL(fileURLWithPath: path))
        let destination = try LogDestination(try LogPlace(path), .requests, host: "h") { _ in }
        destination.start()
        destination.offer(batch("new"))
        #expect(try await eventually { destination.counts.written == 1 })
        await destination.stop()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old\nnew\n")
    }

    @Test func saysAtOnceThatAFileCannotBeWritten() throws {
        let failure = #expect(throws: Failure.self) {
            try LogDestination(try LogPlace("/nowhere/at/all.log"), .requests, host: "h") { _ in }
        }
        #expect(failure?.message.contains("/nowhere/at/all.log") == true && failure?.hint != nil)
    }
}
