import EdgeRecords
import Foundation
import HTTPCache
import Kernel
import NIOCore
import NIOPosix
import Testing
import VCLRuntime

@testable import Edge

/// Runs `body` with an origin and an edge that writes down what `observation` says.
func observedScenario(
    _ observation: Observation, vcl: String = DefaultVCL.states,
    _ body: (ScenarioOrigin, Int, EdgeCore) async throws -> Void
) async throws {
    let origin = ScenarioOrigin()
    try await origin.start()
    let snapshot = Snapshot(number: 7, program: try origin.program(vcl))
    let core = EdgeCore(
        snapshot: snapshot, cacheSize: ByteCount(64 << 20), identity: "test", observation: observation)
    let server = EdgeServer(core: core, loops: 2)
    let port = try await server.start(host: "127.0.0.1", port: 0)
    try await body(origin, port, core)
    await server.stop()
    try await origin.end()
}

/// Keeps what it gets; it can be made to fail, or to wait.
final class MemorySink: LogSink {
    struct Broken: Error {}

    private struct State {
        var text = ""
        var failures = 0
        var held: [CheckedContinuation<Void, Never>]?
        var waiting = 0
    }

    private let state = Guarded(State())

    /// Lines that came.
    var lines: [String] { state.withLock { $0.text }.split(separator: "\n").map(String.init) }
    /// Writes that wait for `release`.
    var waiting: Int { state.withLock { $0.waiting } }

    func fail(times: Int) { state.withLock { $0.failures = times } }
    func hold() { state.withLock { $0.held = [] } }

    func release() {
        let held = state.withLock { state in
            defer { (state.held, state.waiting) = (nil, 0) }
            return state.held ?? []
        }
        for one in held { one.resume() }
    }

    func write(_ lines: [UInt8]) async throws {
        await withCheckedContinuation { done in
            let isHeld = state.withLock { state in
                guard state.held != nil else { return false }
                state.held?.append(done)
                state.waiting += 1
                return true
            }
            if !isHeld { done.resume() }
        }
        try state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                throw Broken()
            }
            state.text += String(decoding: lines, as: UTF8.self)
        }
    }
}

/// A log in memory.
func memoryLog(
    _ sink: MemorySink, _ content: LogContent = .requests, place: String = "memory",
    retries: [Duration] = [], report: @escaping @Sendable (String) -> Void = { _ in }
) throws -> LogDestination {
    LogDestination(try LogPlace(place), content, sink: sink, retries: retries, report: report)
}

extension String {
    /// The JSON that it is.
    var json: JSONValue {
        get throws { try JSONReader.read(Array(utf8), name: "the line") }
    }
}

/// A folder that is gone with its test.
struct ScratchFolder {
    let path = NSTemporaryDirectory() + "hq-edge-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
