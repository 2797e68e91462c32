package import Diagnostics
import HTTP1
import Kernel
package import VCL
package import VCLRuntime

/// One sub of a test file in one state, or one test of whole requests.
package struct TestCase: Sendable, Hashable {
    package let name: String
    package let group: String?
    package let sub: String
    /// Nil for whole requests.
    package let scope: Scope?
    package let isSkipped: Bool
}

package struct TestResult: Sendable {
    package enum Outcome: Sendable, Hashable {
        case passed
        case failed(TestFailure)
        case skipped
    }

    package let test: TestCase
    package let outcome: Outcome
    /// Nanoseconds.
    package let duration: Int64
    /// What the program logged.
    package let logs: [String]
}

/// What came of one test file.
package struct TestFileResult: Sendable {
    package let file: String
    package var results: [TestResult] = []
    /// Mistakes that kept the file from running at all.
    package var diagnostics: [Diagnostic] = []
    /// For the spans of failures and mistakes.
    package var sources = SourceSet()
    /// The program's files, for coverage.
    package var programSources = SourceSet()
    /// Mistakes of the program, where its files are not among `sources`.
    package var programMistakes: [PlacedDiagnostic] = []
    package var coverage = Coverage()

    package var failed: Bool {
        diagnostics.hasErrors || !programMistakes.isEmpty
            || results.contains { if case .failed = $0.outcome { true } else { false } }
    }
}

/// Runs test files (`*.test.vcl`) against a program, in the syntax that falco's users have. Each test gets a request of its
/// own (`GET http://localhost/` from 192.0.2.1, answered with 200); the tests of one `describe` share one.
package struct UnitTests: Sendable {
    package let main: SourceFile
    package let model: ServiceModel
    /// Nanoseconds since 1970: the moment at which tests run unless they fix another, and what durations are measured by.
    package let clock: @Sendable () -> Int64
    package var environment: @Sendable (String) -> String? = { _ in nil }
    /// Tags that were asked for, by which `@tag` lets a test run or not.
    package var tags: [String] = []
    /// Values that variables have in all tests, as text: `client.geo.area_code: 200`.
    package var overrides: [String: String] = [:]
    /// The Host of the tests' requests; nil for localhost.
    package var host: String?
    /// Entries of dictionaries that the program expects and the service supplies.
    package var dictionaries: [String: [String: String]] = [:]
    /// Only tests whose name or group contains this.
    package var filter: String?

    package init(main: SourceFile, model: ServiceModel, clock: @escaping @Sendable () -> Int64) {
        self.main = main
        self.model = model
        self.clock = clock
    }

    package func run(_ file: SourceFile) -> TestFileResult {
        var result = TestFileResult(file: file.name)
        let (tree, mistakes) = Parser.parse(file, file: 0)
        guard !mistakes.hasErrors else {
            result.diagnostics = mistakes
            _ = result.sources.add(file)
            return result
        }
        let shared = tree.declarations.filter { if case .describe = $0.kind { false } else { true } }
        for part in parts(of: tree, in: file) {
            let own = part.isGroup ? shared.filter { !part.names.contains(file.text($0.name.span)) } : []
            run(part, with: own + part.declarations, file, into: &result)
        }
        return result
    }

    private func run(
        _ part: TestPart, with declarations: [Declaration], _ file: SourceFile,
        into result: inout TestFileResult
    ) {
        let compiler = Compiler(model: completeModel, observed: true, addition: TestFunctions.all)
        _ = compiler.addSource(file)
        let program = compiler.compile(main, with: declarations, roots: part.roots)
        result.sources = compiler.sources
        result.programSources = compiler.sources
        guard let program, let subs = program.observed else {
            result.diagnostics += compiler.diagnostics
            return
        }
        let snapshot = Snapshot(number: 1, program: program, dictionaries: tables)
        var shared: (Context, TestRun)?
        for test in part.tests {
            guard matches(test) else { continue }
            guard !test.isSkipped else {
                result.results.append(TestResult(test: test, outcome: .skipped, duration: 0, logs: []))
                continue
            }
            let fresh = { makeRequest(snapshot, TestRun(subs, environment: environment)) }
            let (context, run) = part.isGroup ? shared ?? fresh() : fresh()
            if part.isGroup { shared = (context, run) }
            result.results.append(execute(test, part, context, run))
            if !part.isGroup { result.coverage.add(subs, run.hits, compiler.sources, leavingOut: file.name) }
        }
        if let (_, run) = shared {
            result.coverage.add(subs, run.hits, compiler.sources, leavingOut: file.name)
        }
        result.coverage.add(subs, [], compiler.sources, leavingOut: file.name)
    }

    /// The model with the dictionaries that tests bring.
    var completeModel: ServiceModel {
        var model = model
        let known = Set(model.dictionaries + model.accessLists)
        model.dictionaries += dictionaries.keys.filter { !known.contains($0) }.sorted()
        return model
    }

    private var tables: [String: Table] {
        Dictionary(
            uniqueKeysWithValues: dictionaries.map { name, entries in
                (name, Table(name: name, entries: entries.map { (key: $0.key, value: $0.value) }))
            })
    }

    private func matches(_ test: TestCase) -> Bool {
        guard let filter else { return true }
        return test.name.contains(filter) || test.group?.contains(filter) == true || test.sub.contains(filter)
    }

    private func execute(_ test: TestCase, _ part: TestPart, _ context: Context, _ run: TestRun) -> TestResult
    {
        let began = clock()
        run.beginNext()
        context.isStopped = false
        context.scope = UInt8(test.scope?.index ?? 0)
        let logged = context.logs.count
        for sub in [test.scope.flatMap { part.before[$0] }, test.sub, test.scope.flatMap { part.after[$0] }] {
            guard let sub, let number = run.subs.index(of: sub) else { continue }
            _ = context.call(number, [])
            if run.failure != nil { break }
        }
        let outcome: TestResult.Outcome = run.failure.map { .failed($0) } ?? .passed
        return TestResult(
            test: test, outcome: outcome, duration: clock() - began,
            logs: context.logs.dropFirst(logged).map(\.string))
    }

    /// A value as an override writes it: true, 200, 0.8, or any text.
    private static func value(_ text: String, in arena: Arena) -> Value {
        if text == "true" || text == "false" { return .bool(text == "true") }
        if let number = Int64(text) { return .integer(number) }
        if let number = Double(text) { return .float(number) }
        return .string(arena.copy(text))
    }

    private func makeRequest(_ snapshot: Snapshot, _ run: TestRun) -> (Context, TestRun) {
        let context = Context(snapshot: snapshot, random: SeededRandom(seed: 1))
        context.reset(snapshot: snapshot)
        context.observer = run
        context.facts = run
        for (name, text) in overrides { run.injected[name] = UnitTests.value(text, in: context.arena) }
        context.now = clock()
        context.startTime = context.now
        context.clientAddress = IPAddress("192.0.2.1")!
        context.req.method = Bytes("GET")
        context.req.target = Bytes("/")
        context.req.headers.append(
            HeaderField(HeaderName.host, value: context.arena.copy(host ?? "localhost")))
        context.bereq.copy(context.req)
        for keyPath: ReferenceWritableKeyPath<Context, ResponseHead> in [\.beresp, \.obj, \.resp] {
            context[keyPath: keyPath].status = 200
            context[keyPath: keyPath].reason = Bytes("OK")
        }
        return (context, run)
    }
}
