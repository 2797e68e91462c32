import Diagnostics
import Foundation
import HTTP1
import Kernel
import Testing
import VCL

@testable import VCLRuntime

/// Random programs through all states with a request that no browser sends. A short run by default; `FUZZ_SECONDS=3600
/// FUZZ_SEED=7` makes it long, and what fails prints its seed. A long run says how far it is, so that a crash has one too.
@Suite struct EvaluatorFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = Double(environment["FUZZ_SECONDS"] ?? "") ?? 0.4
    private static let seed = UInt64(environment["FUZZ_SEED"] ?? "") ?? 1
    /// Bytes that one request's program may leave in its arena: some strings of the greatest length for each statement.
    private static let most = 200 * VCLRuntimeLimits.stringBytes

    @Test func noProgramCrashesHangsOrGrowsWithoutBound() {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(EvaluatorFuzzTests.seconds)
        var seed = EvaluatorFuzzTests.seed
        var (failures, ran, before) = (0, 0, 0)
        repeat {
            switch check(seed) {
            case .refused: break
            case .ran: ran += 1
            case .failed: failures += 1
            }
            seed &+= 1
            // What the first programs leave is what the process keeps for good.
            if seed == EvaluatorFuzzTests.seed &+ 100 { before = residentBytes() }
            if EvaluatorFuzzTests.seconds > 1, seed % 1_000 == 0 {
                print("evaluator fuzz: seed \(seed), ran \(ran)")
            }
        } while clock.now < end && failures < 5
        #expect(ran > 0, "no program of the generator's compiles")
        let grown = before == 0 ? 0 : residentBytes() - before
        #expect(grown < 300 << 20, "memory grew by \(grown) bytes")
    }

    private enum Outcome { case refused, ran, failed }

    private func check(_ seed: UInt64) -> Outcome {
        var lines = RandomStates.make(seed: seed)
        // Each round takes out the statements that the compiler refused.
        for _ in 0..<8 {
            let source = SourceFile(name: "t.vcl", text: lines.joined(separator: "\n"))
            let compiler = Compiler()
            if let program = compiler.compile(source) {
                let watched = Compiler(observed: true).compile(source)
                let text = lines.joined(separator: "\n")
                return run(program, watched, text, seed) ? .ran : .failed
            }
            let wrong = Set(
                compiler.diagnostics.filter { $0.severity == .error }.map {
                    source.position(of: $0.span.start).line - 1
                })
            lines = lines.indices.map {
                wrong.contains($0) && EvaluatorFuzzTests.isStatement(lines[$0]) ? "" : lines[$0]
            }
        }
        return .refused
    }

    private static func isStatement(_ line: String) -> Bool {
        line.hasSuffix(";") || line.hasPrefix("if ") || line.hasPrefix("switch ")
    }

    /// Runs both ways of compiling a program; they must come to the same.
    private func run(
        _ program: Program, _ watched: Program?, _ text: String, _ seed: UInt64
    )
        -> Bool
    {
        var complaints: [String] = []
        var traces: [[String]] = []
        for one in [program, watched].compactMap(\.self) {
            let context = EvaluatorFuzzTests.hostileRequest(one)
            let observer = Bystander()
            if one.observed != nil { context.observer = observer }
            var trace: [String] = []
            for scope in Scope.allCases {
                var flow = Flow.next
                let before = processorTimeOfThread()
                flow = one.run(scope, context)
                let took = processorTimeOfThread() - before
                trace.append("\(scope) \(flow) \(context.lastError.string)")
                if took > .seconds(1) { complaints.append("\(scope) took \(took)") }
            }
            trace += EvaluatorFuzzTests.fields(context)
            traces.append(trace)
            if context.arena.byteCount > EvaluatorFuzzTests.most {
                complaints.append("\(context.arena.byteCount) bytes in the arena")
            }
            if trace.contains(where: { $0.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 } }) {
                complaints.append("a header holds the end of a line")
            }
        }
        if traces.count < 2 || traces[0] != traces[1] {
            let differing = zip(traces[0], traces.last!).first { $0 != $1 }
            complaints.append(
                "observed, it does something else: \(differing.map { "\($0)" } ?? "more headers")")
        }
        guard !complaints.isEmpty else { return true }
        Issue.record("seed \(seed): \(complaints.joined(separator: "; "))\nin\n\(text)")
        return false
    }

    private static func fields(_ context: Context) -> [String] {
        [
            context.req.headers, context.bereq.headers, context.beresp.headers, context.obj.headers,
            context.resp.headers,
        ]
        .flatMap { list in
            list.fields.map { "\($0.name.string.prefix(100)): \($0.value.string.prefix(2_000))" }
        }
    }

    private static func hostileRequest(_ program: Program) -> Context {
        let context = Context(snapshot: Snapshot(number: 1, program: program), random: SeededRandom(seed: 1))
        context.reset(snapshot: context.snapshot)
        let arena = context.arena
        (context.req.method, context.req.target) = (Bytes("GET"), arena.copy("/a/%2e%2e/b?x=1&y=%zz&x=2&=&"))
        let values: [(String, [UInt8])] = [
            ("Host", Array("example.com".utf8)), ("Big", Array(repeating: 0x61, count: 65_536)),
            ("Bad", [0xFF, 0xFE, 0x80, 0xC0, 0x41, 0xED, 0xA0, 0x80, 0xF4]),
            ("Control", [0x01, 0x7F, 0x09, 0x1B, 0x22, 0x5C, 0x25]), ("Empty", []),
            ("Cookie", Array("a=1; b; =; a=2;;".utf8)), ("Number", Array("-9223372036854775809e400".utf8)),
            ("Deep", Array(String(repeating: "([{<a>\"'%", count: 500).utf8)),
        ]
        for (name, value) in values {
            let copy = value.withUnsafeBytes { arena.copy($0) }
            context.req.headers.append(HeaderField(name: arena.copy(name), value: copy))
        }
        context.bereq.copy(context.req)
        for keyPath: ReferenceWritableKeyPath<Context, ResponseHead> in [\.beresp, \.obj, \.resp] {
            context[keyPath: keyPath].status = 200
            context[keyPath: keyPath].headers.replace(with: context.req.headers)
        }
        context.facts = SampleFacts()
        context.now = BuiltinCases.now
        context.startTime = BuiltinCases.now
        context.clientAddress = IPAddress("192.0.2.1")!
        return context
    }

    /// What the process has in memory; zero where the system does not say.
    private func residentBytes() -> Int {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let words = (text ?? "").split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }
}

/// Watches and changes nothing.
private final class Bystander: Observer {
    func reaches(_ site: Int, _ context: Context) {}
    func wrote(_ name: String, _ value: Value, at site: Int, _ context: Context) {}
    func enters(_ sub: Int, _ context: Context) {}
    func leaves(_ sub: Int, _ flow: Flow, _ context: Context) {}
    func substitute(for sub: Int) -> Int { sub }
    func injected(_ name: String) -> Value? { nil }
    func broke(_ sub: Int, _ context: Context) {}
}
