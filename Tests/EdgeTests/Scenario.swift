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
    try await listenerScenario(vcl: vcl, loops: loops, { _ in }) { origin, place, core in
        try await body(origin, place.port, core)
    }
}

extension ScenarioOrigin {
    /// A program with this origin as its backend `F_origin`. It may name the dictionary `closed`.
    func program(_ vcl: String) throws -> Program {
        // However busy the machine is, it is no fault of the origin's.
        let times = ".connect_timeout = 600s; .first_byte_timeout = 600s; .between_bytes_timeout = 600s;"
        let backend = "backend F_origin { .host = \"127.0.0.1\"; .port = \"\(port)\"; \(times) }\n"
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

/// The same with a listener that `prepare` has changed; `body` gets its place.
func listenerScenario(
    vcl: String = DefaultVCL.states, at place: String = "127.0.0.1:0", loops: Int = 2,
    checkWord: String? = nil,
    _ prepare: (inout EdgeListener) throws -> Void,
    _ body: (ScenarioOrigin, ScenarioPlace, EdgeCore) async throws -> Void
) async throws {
    guard let place = EdgeListener.Place(place) else { throw Failure(.usage, "no place: \(place)") }
    var listener = EdgeListener(place)
    try prepare(&listener)
    let origin = ScenarioOrigin()
    try await origin.start()
    let snapshot = Snapshot(number: 1, program: try origin.program(vcl))
    let core = EdgeCore(
        snapshot: snapshot, cacheSize: ByteCount(64 << 20), identity: "test", checkWord: checkWord)
    let server = EdgeServer(core: core, loops: loops)
    let bound = try await server.start(listener)
    try await body(origin, ScenarioPlace(bound, server), core)
    await server.stop()
    try await origin.end()
}

/// Where a scenario's edge listens.
struct ScenarioPlace {
    let place: EdgeListener.Place
    let server: EdgeServer

    init(_ place: EdgeListener.Place, _ server: EdgeServer) {
        self.place = place
        self.server = server
    }

    var port: Int { if case .port(let address) = place { address.port } else { 0 } }

    /// A client; with `tls` it shakes hands for that name.
    func client(_ tls: ClientTLS? = nil) async throws -> ScenarioClient {
        switch place {
        case .port(let address): try await ScenarioClient(host: address.host, port: address.port, tls: tls)
        case .socket(let path): try await ScenarioClient(socket: path)
        }
    }
}

/// Looks again until `condition` holds, for ten seconds and a hundred looks: on a machine whose threads other tests
/// keep busy, the seconds alone may be over before the second look.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = NIODeadline.now() + .seconds(10)
    var looks = 0
    while NIODeadline.now() < deadline || looks < 100 {
        if try await condition() { return true }
        looks += 1
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}
