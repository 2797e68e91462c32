import Diagnostics
import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// Runs `body` with an origin and an edge in front of it.
func scenario(
    vcl: String = DefaultVCL.states, loops: Int = 2,
    _ body: (ScenarioOrigin, Int, EdgeCore) async throws -> Void
) async throws {
    let origin = ScenarioOrigin()
    try await origin.start()
    let snapshot = Snapshot(number: 1, program: try origin.program(vcl))
    let core = EdgeCore(snapshot: snapshot, cacheSize: ByteCount(64 << 20), identity: "test")
    let server = EdgeServer(core: core, loops: loops)
    let port = try await server.start(host: "127.0.0.1", port: 0)
    try await body(origin, port, core)
    await server.stop()
    try await origin.end()
}

extension ScenarioOrigin {
    /// A program with this origin as its backend `F_origin`. It may name the dictionary `closed`.
    func program(_ vcl: String) throws -> Program {
        let backend = "backend F_origin { .host = \"127.0.0.1\"; .port = \"\(port)\"; }\n"
        var model = ServiceModel()
        model.dictionaries = ["closed"]
        let compiler = Compiler(model: model)
        guard let program = compiler.compile(SourceFile(name: "test.vcl", text: backend + vcl)) else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        return program
    }
}

extension EdgeCore {
    /// What is counted up to now, without waiting for the loops to show it by themselves.
    func publish() async throws {
        for loop in loops.withLock({ $0 }) {
            try await loop.loop.submit { loop.publish(withPaths: true) }.get()
        }
    }
}

/// Looks again until `condition` holds, for ten seconds at most.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = NIODeadline.now() + .seconds(10)
    while NIODeadline.now() < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}
