package import Diagnostics
import Kernel
package import VCLRuntime

/// What came of one test of whole requests.
package struct RequestTestResult: Sendable {
    package let name: String
    /// Empty when it passed; each with the place of the step that it is about.
    package let mistakes: [Diagnostic]
    /// Nanoseconds.
    package let duration: Int64
}

/// Runs tests of whole requests against a program, each in an edge of its own.
package struct RequestTests: Sendable {
    package let main: SourceFile
    package let model: ServiceModel
    /// What dictionaries hold unless a test says something else.
    package let dictionaries: [String: [String: String]]
    /// Nanoseconds since 1970; measures how long tests take. In the tests it is always 2026-01-01 00:00 UTC at first.
    package let clock: @Sendable () -> Int64
    static let start: Int64 = 1_767_225_600_000_000_000

    package init(
        main: SourceFile, model: ServiceModel, dictionaries: [String: [String: String]],
        clock: @escaping @Sendable () -> Int64
    ) {
        self.main = main
        self.model = model
        self.dictionaries = dictionaries
        self.clock = clock
    }

    /// Spans of mistakes lie in the test's file. `reached` hears how often each place of the program ran.
    package func run(
        _ test: RequestTest, reached: (ObservedSubs, SourceSet, [UInt32]) -> Void = { _, _, _ in }
    )
        throws(SimulatedEdge.Mistake) -> RequestTestResult
    {
        let began = clock()
        let edge = try SimulatedEdge(
            main: main, model: model,
            dictionaries: dictionaries.merging(test.dictionaries) { $0.merging($1) { $1 } },
            now: RequestTests.start)
        if test.isShielded {
            let shield = try SimulatedEdge(
                main: main, model: model, dictionaries: dictionaries, now: edge.now)
            shield.isShield = true
            edge.shield = shield
        }
        edge.challenge = test.challenge
        var mistakes: [Diagnostic] = []
        for (name, entries) in test.dictionaries.sorted(by: { $0.key < $1.key })
        where !edge.set(entries, in: name) {
            mistakes.append(
                Diagnostic("test/expectation", at: test.span, "no table or dictionary is named '\(name)'"))
        }
        for step in test.steps {
            mistakes += perform(step.action, edge).map { Diagnostic("test/expectation", at: step.span, $0) }
        }
        reached(edge.snapshot.program.observed!, edge.sources, edge.hits)
        return RequestTestResult(name: test.name, mistakes: mistakes, duration: clock() - began)
    }

    private func perform(_ action: RequestTestStep.Action, _ edge: SimulatedEdge) -> [String] {
        switch action {
        case .request(let request, let expected): return expected.wrong(edge.request(request))
        case .after(let nanoseconds): edge.now += nanoseconds
        case .purge(let key?, let soft): _ = edge.purge(surrogateKey: key, soft: soft)
        case .purge(nil, let soft): _ = edge.purgeAll(soft: soft)
        case .set(let dictionary, let entries):
            if !edge.set(entries, in: dictionary) {
                return ["no table or dictionary is named '\(dictionary)'"]
            }
        case .health(let backends):
            return backends.compactMap { name, isHealthy in
                edge.setHealth(of: name, isHealthy) ? nil : "no backend is named '\(name)'"
            }
        case .shed(let rule): edge.shed(rule)
        case .flood(let isFlooded):
            guard edge.challenge != nil else {
                return ["no flood is noticed without 'challenge' in the test"]
            }
            edge.challenge?.isFlooded = isFlooded
        case .origin(let answers):
            let before = edge.backend
            let set = { (request: BackendRequest) in
                answers[request.backend] ?? answers[""] ?? before(request)
            }
            edge.backend = set
            edge.shield?.backend = set
        }
        return []
    }
}
