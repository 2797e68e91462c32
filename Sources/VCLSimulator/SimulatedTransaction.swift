import HTTP1
import HTTPCache
import Kernel
import RequestFlow
import VCL
import VCLRuntime

/// One request on its way through the states, as the edge takes it, without waiting: what would come back later comes at once.
final class SimulatedTransaction {
    /// As in the edge that serves.
    static let restarts = 3
    static let hitForPass: Int64 = 120_000_000_000

    let edge: SimulatedEdge
    let trace: Trace
    let context: Context
    var backendRequests: [BackendRequest] = []
    /// What the visitor sent.
    private(set) var asked = SimulatedRequest()
    private(set) var states: [String] = []
    private(set) var storedFor: Int64?
    var body: [UInt8] = []
    var isChallenged = false
    private var bodyIsESI = false
    private var staleCandidate: StoredResponse?
    private var kept: [StoredResponse] = []
    private var toRefresh: StoredResponse?
    private var isHead = false
    private(set) var requestBody: [UInt8] = []
    /// Set by a purge, whose answer no state makes.
    private var isDone = false

    init(edge: SimulatedEdge, trace: Trace) {
        self.edge = edge
        self.trace = trace
        context = Context(snapshot: edge.snapshot, random: SeededRandom(seed: UInt64(edge.requests)))
        context.reset(snapshot: edge.snapshot)
        context.observer = trace
        context.facts = edge.facts
        context.now = edge.now
        context.startTime = edge.now
        context.requestNumber = 1
        context.requestID = UInt64(edge.requests)
        context.serverIdentity = Bytes("simulator")
        context.visits = edge.isShield ? 1 : 0
    }

    func fill(_ request: SimulatedRequest) {
        asked = request
        let arena = context.arena
        context.req.method = arena.copy(request.method)
        context.req.target = arena.copy(request.url)
        if !request.headers.contains(where: { $0.name.lowercased() == "host" }) {
            context.req.headers.append(HeaderField(HeaderName.host, value: Bytes("localhost")))
        }
        for header in request.headers {
            context.req.headers.append(
                HeaderField(name: arena.copy(header.name), value: arena.copy(header.value)))
        }
        HeadWriter.removeConnectionOptions(&context.req.headers)
        context.normalizeAcceptEncoding()
        context.clientAddress = request.client
        context.isTLS = request.isTLS
        requestBody = request.body
        edge.facts.body = request.body.isEmpty ? nil : request.body
    }

    var cacheWord: String { "\(context.cacheWord)" }

    // MARK: the states

    private func run(_ scope: Scope) -> Flow {
        states.append(scope.rawValue)
        trace.begin(state: scope.subroutine)
        let flow = context.snapshot.program.run(scope, context)
        trace.end(decision: flow.state ?? "ends")
        return flow
    }

    /// What the client gets.
    func answer() -> SimulatedResponse {
        isHead = context.req.method == "HEAD"
        context.isPurge = context.req.method == "PURGE" || context.req.method == "FASTLYPURGE"
        if context.req.method == "CONNECT" {
            fail(405, "Method Not Allowed")
        } else if lacksProofInFlood {
            answerWithChallenge()
        } else {
            receive()
        }
        if bodyIsESI, !isDone, context.mayInclude { expandIncludes() }
        // Bodies stay as people read them; heads say what the edge would send.
        if let coding = context.takeCompressHint() { context.encodeAnswer(coding) }
        let response = SimulatedResponse(
            status: context.resp.status, reason: context.resp.reason.string,
            headers: context.resp.headers.fields.map { Header($0.name.string, $0.value.string) },
            body: isHead || !context.resp.mayHaveBody ? [] : body)
        if !isDone { _ = run(.log) }
        return response
    }

    private func receive() {
        let flow = run(.recv)
        if lacksProofAsked() { return answerWithChallenge() }
        switch flow {
        case .pass: hashThen { $0.pass() }
        case .error: synthesize()
        case .restart: restart()
        case .upgrade: upgrade()
        case .lookup: hashThen { $0.lookup() }
        default:
            let plain = context.req.method == "GET" || isHead || context.isPurge
            hashThen { plain ? $0.lookup() : $0.pass() }
        }
    }

    /// The backend's answer is what the client gets; what comes behind one that agrees is nobody's to simulate.
    private func upgrade() {
        guard context.asksForUpgrade, requestBody.isEmpty else {
            return fail(OriginError.upgradeImpossible.status, "\(OriginError.upgradeImpossible.response)")
        }
        context.state = .pass
        context.prepareBackendRequest(whole: false)
        fetch(cacheable: false)
    }

    private var mayRestart: Bool { context.restarts <= SimulatedTransaction.restarts }

    private func restart() {
        context.restarts += 1
        trace.note("restart \(context.restarts)")
        guard mayRestart else { return fail(503, "max restarts exceeded") }
        staleCandidate = nil
        context.resetForPass()
        receive()
    }

    private func hashThen(_ next: (SimulatedTransaction) -> Void) {
        _ = run(.hash)
        context.completeHashKey()
        next(self)
    }

    private func lookup() {
        if context.isPurge { return purge() }
        guard !context.hashAlwaysMiss else {
            trace.note("cache: not asked (req.hash_always_miss)")
            return miss()
        }
        switch edge.cache.lookup(context.hashKey, context.req.headers, now: context.now, counts: true) {
        case .hit(let found):
            trace.note("cache: hit")
            hit(found, stale: false)
        case .stale(let found) where context.servesInsteadOfAsking(found, asked: askedTarget):
            trace.note("cache: hit, stale; only the cache is served")
            hit(found, stale: true)
        case .stale(let found) where context.mayServeWhileRevalidating(found):
            trace.note("cache: hit, stale; it is refreshed in the background")
            toRefresh = found
            hit(found, stale: true)
        case .stale(let found):
            trace.note("cache: stale")
            staleCandidate = found
            miss()
        case .hitForPass:
            trace.note("cache: marked as not cacheable")
            context.state = .hitPass
            pass()
        case .miss:
            trace.note("cache: miss")
            miss()
        }
    }

    private func hit(_ found: StoredResponse, stale: Bool) {
        kept.append(found)
        context.take(found)
        context.state = stale ? .hitStale : .hit
        context.respIsStale = stale
        switch run(.hit) {
        case .pass: pass()
        case .error: synthesize()
        case .restart: restart()
        default: deliverStored(found)
        }
    }

    private func purge() {
        let soft = context.req.headers[HeaderName("Fastly-Soft-Purge")] == "1"
        let count = edge.cache.purge(context.hashKey, soft: soft, now: context.now)
        trace.note("purged \(count)")
        context.resp.reset()
        context.resp.status = 200
        context.resp.reason = Bytes("OK")
        context.resp.headers.append(HeaderField(.contentType, value: Bytes("application/json")))
        body = Array("{\"status\": \"ok\"}\n".utf8)
        isDone = true
    }

    private func miss() {
        if context.state == .none || context.state == .hit { context.state = .miss }
        context.prepareBackendRequest(whole: true)
        context.bereq.method = Bytes("GET")
        if let staleCandidate { context.askForChanges(since: staleCandidate) }
        switch run(.miss) {
        case .pass: pass()
        case .error: synthesize()
        case .deliverStale: deliverStale()
        default: fetch(cacheable: true)
        }
    }

    private func pass() {
        if context.state != .hitPass { context.state = .pass }
        context.prepareBackendRequest(whole: false)
        switch run(.pass) {
        case .error: synthesize()
        default: fetch(cacheable: false)
        }
    }

    // MARK: fetching

    private func fetch(cacheable: Bool) {
        guard let answer = askBackend(), answer.failure == nil else { return }
        let arena = context.arena
        context.beresp.reset()
        context.beresp.status = answer.status
        context.beresp.reason = HeadWriter.reason(answer.status)
        for header in answer.headers {
            context.beresp.headers.append(
                HeaderField(name: arena.copy(header.name), value: arena.copy(header.value)))
        }
        HeadWriter.removeHopByHop(&context.beresp.headers)
        if !context.beresp.headers.contains(.date) {
            context.beresp.headers.append(
                HeaderField(.date, value: HTTPDate.bytes(context.now / 1_000_000_000, in: arena)))
        }
        context.judgeResponse(now: context.now)
        body = answer.body
        if context.beresp.status == 304, cacheable, let staleCandidate,
            let old = staleCandidate.body as? SimulatedBody
        {
            trace.note("the stale response is still good (304)")
            kept.append(staleCandidate)
            context.freshen(staleCandidate)
            context.judgeResponse(now: context.now)
            body = old.bytes
        }
        fetched(cacheable: cacheable)
    }

    private func fetched(cacheable: Bool) {
        if !cacheable, context.hasChangedTheAddress {
            let count = edge.cache.purge(context.hashKey, soft: false, now: context.now)
            if count > 0 { trace.note("cache: what was kept here is not true any more") }
        }
        switch run(.fetch) {
        case .pass:
            if cacheable { keepHitForPass() }
            if let coding = context.chooseCoding() { context.encodeResponse(coding) }
            deliverFetched()
        case .error: synthesize()
        case .restart: restart()
        case .deliverStale where context.staleExists: deliverStale()
        default:
            if cacheable ? context.mayStore : context.isForLaterGets {
                trace.note("stored for \(context.lifetime.ttl / 1_000_000_000) s")
                storedFor = context.lifetime.ttl
                store(SimulatedBody(body, esi: context.esi))
            } else {
                if cacheable, context.beresp.status < 500 { keepHitForPass() }
                if let coding = context.chooseCoding() { context.encodeResponse(coding) }
            }
            deliverFetched()
        }
    }

    /// With a second form for those who accept no coding, when the program wants it compressed.
    private func store(_ body: SimulatedBody) {
        if let coding = context.chooseCoding() {
            edge.cache.insert(context.makeStoredIdentity(body), key: context.hashKey)
            context.encodeResponse(coding)
        }
        edge.cache.insert(context.makeStored(body), key: context.hashKey)
        context.isStored = true
    }

    private func keepHitForPass() {
        let stored = context.makeStored(
            SimulatedBody([], esi: false), hitForPass: SimulatedTransaction.hitForPass)
        edge.cache.insert(stored, key: context.hashKey)
    }

    func fail(_ status: Int64, _ response: String) {
        context.errorStatus = status
        context.errorResponse = context.arena.copy(response)
        synthesize()
    }

    // MARK: answers

    private func deliverFetched() {
        context.resp.copy(context.beresp)
        bodyIsESI = context.esi
        deliver()
    }

    private func deliverStored(_ found: StoredResponse) {
        kept.append(found)
        context.answerWithObject()
        if let stored = found.body as? SimulatedBody {
            body = stored.bytes
            bodyIsESI = stored.esi
        }
        deliver()
    }

    private func deliverStale() {
        guard let staleCandidate, context.staleExists else { return fail(503, "no stale object") }
        trace.note("the stale response is delivered")
        context.take(staleCandidate)
        context.state = .hitStale
        context.respIsStale = true
        context.respIsStaleError = true
        deliverStored(staleCandidate)
    }

    func fail(_ reason: OriginError) {
        context.errorStatus = reason.status
        context.errorResponse = Bytes(reason.response)
        synthesize(reason)
    }

    /// Of a visitor's request; an include, and what is fetched behind an answer, has its own alone.
    var askedTarget: Bytes {
        context.includeLevel > 0 || context.isBackgroundFetch ? .notSet : context.arena.copy(asked.url)
    }

    private func synthesize(_ error: OriginError? = nil) {
        context.beginError()
        if let error { context.noteRetry(after: error) }
        switch run(.error) {
        case .restart where mayRestart: return restart()
        case .deliverStale where context.staleExists: return deliverStale()
        default: break
        }
        context.resp.copy(context.obj)
        body = (context.synthetic.isSet ? context.synthetic : context.obj.reason).array
        bodyIsESI = false
        deliver()
    }

    private func deliver() {
        context.dressResponse()
        if run(.deliver) == .restart, mayRestart { restart() }
    }

    // MARK: behind the answer

    /// Fetches what was just given stale, as the edge does while the client already reads.
    func refreshInBackground() {
        guard let found = toRefresh else { return }
        let background = SimulatedTransaction(edge: edge, trace: Trace(edge))
        background.context.req.copy(context.req)
        background.context.req.method = Bytes("GET")
        background.context.hashKey = context.hashKey
        background.context.clientAddress = context.clientAddress
        background.context.backend = context.backend
        background.context.isBackgroundFetch = true
        background.context.staleExists = true
        background.staleCandidate = found
        background.miss()
    }
}
