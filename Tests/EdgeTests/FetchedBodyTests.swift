import NIOCore
import NIOPosix
import Testing

@testable import Edge

@Suite struct FetchedBodyTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()

    private let nothing: @Sendable () -> Void = {}

    private func text(_ chunk: FetchedBody.Chunk) -> String {
        chunk.buffers.map { String(buffer: $0) }.joined()
    }

    @Test func letsEachReaderHaveAKeptWhole() {
        let body = FetchedBody(isKept: true)
        #expect(body.append(ByteBuffer(string: "ab"), resume: nothing))
        let first = body.read(from: 0, on: loop, wake: nothing)
        _ = body.append(ByteBuffer(string: "cd"), resume: nothing)
        body.finish(.complete)
        #expect(text(first) == "ab")
        #expect(text(body.read(from: 0, on: loop, wake: nothing)) == "abcd")
        #expect(body.byteCount == 4 && body.whole.map { String(buffer: $0.buffer) } == "abcd")
    }

    @Test func pausesTheFetchOfAPassedBodyAndDropsWhatWasTaken() {
        let body = FetchedBody(isKept: false)
        let large = ByteBuffer(repeating: 0, count: EdgeLimits.streamWindow)
        #expect(!body.append(large, resume: nothing))
        let chunk = body.read(from: 0, on: loop, wake: nothing)
        #expect(chunk.buffers.count == 1)
        #expect(body.append(ByteBuffer(string: "x"), resume: nothing))
        #expect(text(body.read(from: chunk.next, on: loop, wake: nothing)) == "x")
    }

    @Test func failsAReaderWhoseBytesAreGone() {
        let body = FetchedBody(isKept: true)
        _ = body.append(ByteBuffer(string: "ab"), resume: nothing)
        body.stopKeeping()
        _ = body.read(from: 0, on: loop, wake: nothing)
        #expect(body.read(from: 0, on: loop, wake: nothing).end == .failed)
    }

    @Test func letsAReaderGoOnWhenTheBodyBecomesOnePieceMeanwhile() {
        let body = FetchedBody(isKept: true)
        _ = body.append(ByteBuffer(string: "ab"), resume: nothing)
        _ = body.append(ByteBuffer(string: "cd"), resume: nothing)
        let first = body.read(from: 0, on: loop, wake: nothing)
        _ = body.append(ByteBuffer(string: "ef"), resume: nothing)
        body.finish(.complete)
        let rest = body.read(from: first.next, on: loop, wake: nothing)
        #expect(text(first) == "abcd" && text(rest) == "ef" && rest.end == .complete)
        #expect(body.read(from: rest.next, on: loop, wake: nothing).buffers.isEmpty)
    }
}
