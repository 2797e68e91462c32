package import Diagnostics
import Kernel
import VCL
package import VCLRuntime

/// Why a test failed: what it expected, and where.
package struct TestFailure: Sendable, Hashable {
    package let message: String
    package let span: Span
}

/// Watches one test while it runs: counts, calls, stand-ins, what it put in a variable's place, and its first failure.
package final class TestRun: Observer, RequestFacts {
    /// How often each site of the program was reached.
    package private(set) var hits: [UInt32]
    private(set) var calls: [Int: Int] = [:]
    var mocks: [Int: Int] = [:]
    /// By their names.
    var unhealthy: Set<String> = []
    var injected: [String: Value] = [:]
    /// What the sub that was called last returned, as `return(...)` writes it; nil while it returned nothing.
    var state: String?
    package private(set) var failure: TestFailure?
    let subs: ObservedSubs
    let environment: @Sendable (String) -> String?

    init(_ subs: ObservedSubs, environment: @escaping @Sendable (String) -> String?) {
        self.subs = subs
        self.environment = environment
        hits = Array(repeating: 0, count: subs.sites.count)
    }

    static func of(_ context: Context) -> TestRun? { context.observer as? TestRun }

    /// Ready for the next test of a group, which keeps stand-ins and variables.
    func beginNext() {
        calls = [:]
        state = nil
        failure = nil
    }

    func fail(_ message: String, at span: Span, _ context: Context) {
        if failure == nil { failure = TestFailure(message: message, span: span) }
        context.isStopped = true
    }

    /// Where tests run unless they say something else.
    package var place: PlaceFacts? {
        var facts = PlaceFacts()
        (facts.datacenter, facts.region) = ("HQ", "US")
        return facts
    }

    package func isHealthy(_ backend: Backend) -> Bool { !unhealthy.contains(backend.name) }

    // MARK: Observer

    package func reaches(_ site: Int, _ context: Context) { hits[site] &+= 1 }

    package func wrote(_ name: String, _ value: Value, at site: Int, _ context: Context) {}

    package func enters(_ sub: Int, _ context: Context) { calls[sub, default: 0] += 1 }

    package func leaves(_ sub: Int, _ flow: Flow, _ context: Context) {}

    package func substitute(for sub: Int) -> Int { mocks[sub] ?? sub }

    package func injected(_ name: String) -> Value? { injected.isEmpty ? nil : injected[name] }

    package func broke(_ sub: Int, _ context: Context) {
        let mistake = subs.faults[sub]?.first { $0.severity == .error }
        fail(mistake?.message ?? "this sub has mistakes", at: mistake?.span ?? subs.spans[sub], context)
    }
}
