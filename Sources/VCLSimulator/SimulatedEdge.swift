package import Diagnostics
import HTTP1
import HTTPCache
import Kernel
import RequestFlow
import VCL
package import VCLRuntime

/// What the simulator's world knows besides messages.
final class SimulatedFacts: RequestFacts {
    /// By their names.
    var unhealthy: Set<String> = []
    var body: [UInt8]?
    var requestBody: [UInt8]? { body }
    func isHealthy(_ backend: Backend) -> Bool { !unhealthy.contains(backend.name) }
}

/// An edge in memory: the program and the cache that serve, a clock that stands until it is moved, backends that a test plays.
/// Not safe to use from two threads at once.
package final class SimulatedEdge {
    package private(set) var snapshot: Snapshot
    /// Nanoseconds since 1970.
    package var now: Int64
    /// Asked for each request to a backend.
    package var backend: (BackendRequest) -> BackendAnswer = { _ in BackendAnswer() }
    package var tracing = false
    let sources: SourceSet
    let cache = ResponseCache(capacity: ByteCount(64 * 1024 * 1024))
    let facts = SimulatedFacts()
    /// The entries of access lists, which programs see as lists alone.
    private var addresses: [String: Table] = [:]
    private(set) var requests = 0
    /// Includes of the request under way.
    var includes = 0
    /// How often each site of the program was reached.
    var hits: [UInt32] = []
    /// Another edge, which stands between this one and the backends of a shield director.
    package var shield: SimulatedEdge?
    var isShield = false
    /// Nil for an edge that challenges nobody.
    package var challenge: SimulatedChallenge?

    package struct Mistake: Error { package let diagnostics: [PlacedDiagnostic] }

    /// Throws when the program has mistakes.
    package init(
        main: SourceFile, model: ServiceModel, dictionaries: [String: [String: String]] = [:], now: Int64
    ) throws(Mistake) {
        let compiler = Compiler(model: model, observed: true)
        guard let program = compiler.compile(main) else {
            throw Mistake(diagnostics: compiler.diagnostics.placed(in: compiler.sources))
        }
        sources = compiler.sources
        hits = Array(repeating: 0, count: program.observed?.sites.count ?? 0)
        self.now = now
        let tables = Dictionary(
            uniqueKeysWithValues: dictionaries.map { name, entries in
                (name, Table(name: name, entries: entries.map { (key: $0.key, value: $0.value) }))
            })
        addresses = tables.filter { program.accessListNames.contains($0.key) }
        snapshot = Snapshot(number: 1, program: program, dictionaries: tables)
    }

    // MARK: what a test does besides asking

    /// Puts entries into a dictionary, access lists among them, or a table of STRING; false when there is none of this name.
    package func set(_ entries: [String: String], in dictionary: String) -> Bool {
        let (number, more) = (snapshot.number + 1, entries.map { (key: $0.key, value: $0.value) })
        if let place = snapshot.program.tableIndex(dictionary) {
            let new = snapshot.table(place).adding(more)
            snapshot = snapshot.replacing(place: place, with: new, number: number)
            return true
        }
        guard snapshot.program.accessListNames.contains(dictionary) else { return false }
        let new = (addresses[dictionary] ?? Table(name: dictionary, .empty)).adding(more)
        addresses[dictionary] = new
        snapshot = snapshot.replacing(new, number: number)
        return true
    }

    /// Says whether a backend answers probes; false when there is none of this name.
    package func setHealth(of backend: String, _ isHealthy: Bool) -> Bool {
        guard snapshot.program.backends.contains(where: { $0.name == backend }) else { return false }
        if isHealthy { facts.unhealthy.remove(backend) } else { facts.unhealthy.insert(backend) }
        return true
    }

    /// Only what the cache has is served from now on; nil ends that.
    package func shed(_ rule: ShedRule?) {
        snapshot = snapshot.shedding(rule, number: snapshot.number + 1)
    }

    package func purge(surrogateKey: String, soft: Bool) -> Int {
        surrogateKey.withBytes { cache.purge(surrogateKey: $0, soft: soft, now: now) }
    }

    package func purgeAll(soft: Bool) -> Int { cache.purgeAll(soft: soft, now: now) }

    // MARK: asking

    package func request(_ request: SimulatedRequest) -> Simulation {
        requests += 1
        includes = 0
        let trace = Trace(self)
        let transaction = SimulatedTransaction(edge: self, trace: trace)
        transaction.fill(request)
        let response = transaction.answer()
        let result = Simulation(
            response: response, cache: transaction.cacheWord, backendRequests: transaction.backendRequests,
            logs: transaction.context.logs.map(\.string), states: transaction.states,
            restarts: transaction.context.restarts, storedFor: transaction.storedFor,
            isChallenged: transaction.isChallenged,
            trace: tracing ? trace.steps : [])
        transaction.refreshInBackground()
        return result
    }
}

/// The body of a response in the simulator's cache.
final class SimulatedBody: StoredBody, @unchecked Sendable {
    let bytes: [UInt8]
    let esi: Bool
    init(_ bytes: [UInt8], esi: Bool) {
        self.bytes = bytes
        self.esi = esi
    }
    override var byteCount: Int { bytes.count }
}
