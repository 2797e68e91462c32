import Diagnostics
import HTTP1
import Kernel
import VCL
import VCLRuntime

@testable import VCLService

/// A service whose program is compiled and run state by state.
struct Bench {
    let context: Context

    init(
        _ service: FastlyService, url: String = "/a/b.html?x=1", method: String = "GET",
        headers: [(String, String)] = []
    ) throws {
        let compiler = Compiler(model: try service.model())
        guard let program = compiler.compile(service.main) else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        context = Context(
            snapshot: Snapshot(number: 1, program: program), random: SeededRandom(seed: 1))
        context.reset(snapshot: context.snapshot)
        context.req.method = context.arena.copy(method)
        context.req.target = context.arena.copy(url)
        context.clientAddress = IPAddress("192.0.2.9")!
        context.now = 1_475_000_000_000_000_000
        context.startTime = context.now
        for (name, value) in headers { set(\.req.headers, name, value) }
        context.beresp.status = 200
        context.resp.status = 200
        context.obj.status = 200
    }

    func run(_ scope: Scope) -> Flow { context.snapshot.program.run(scope, context) }

    func set(_ list: ReferenceWritableKeyPath<Context, HeaderList>, _ name: String, _ value: String) {
        context[keyPath: list].append(
            HeaderField(name: context.arena.copy(name), value: context.arena.copy(value)))
    }

    /// A header's value; nil when it is not set.
    func header(_ list: KeyPath<Context, HeaderList>, _ name: String) -> String? {
        let value = context[keyPath: list][HeaderName(context.arena.copy(name))]
        return value.isSet ? value.string : nil
    }

    var backend: String? { context.snapshot.program.backend(at: context.backend)?.name }

    /// Runs vcl_error with the status that another state asked for, then vcl_deliver, as the edge does.
    func answer() -> (status: Int, reason: String, body: String) {
        context.obj.status = Int(context.errorStatus)
        context.obj.reason = context.errorResponse
        _ = run(.error)
        context.resp.status = context.obj.status
        context.resp.reason = context.obj.reason
        _ = run(.deliver)
        return (
            context.resp.status, context.resp.reason.string,
            context.synthetic.isSet ? context.synthetic.string : ""
        )
    }

    /// What the compiler finds in a service, rendered.
    static func findings(in service: FastlyService) throws -> String {
        let compiler = Compiler(model: try service.model())
        _ = compiler.compile(service.main)
        return compiler.diagnostics.placed(in: compiler.sources).rendered()
    }

    static func service(_ json: String) throws -> FastlyService {
        try FastlyService(api: Array(json.utf8))
    }
}
