import EdgeLink
import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCL
import VCLRuntime

/// Where a finished transaction goes. All calls come on the transaction's loop.
protocol TransactionClient: AnyObject {
    /// `transaction.context.resp` and `transaction.body` are the answer.
    func answer(_ transaction: Transaction)
    /// A head that comes before the answer (RFC 9110, section 15.2). Its views live until this returns.
    func interim(_ head: ResponseHead)
    /// Whether its connection may speak another protocol.
    var canSwitch: Bool { get }
    /// The backend has agreed to speak another protocol; `rest` came behind its head. False when it is too late.
    func switchOver(_ head: ResponseHead, _ rest: ByteBuffer, to origin: OriginConnection) -> Bool
}

extension TransactionClient {
    var canSwitch: Bool { false }
    func switchOver(_: ResponseHead, _: ByteBuffer, to _: OriginConnection) -> Bool { false }
}

/// What follows the head of an answer.
enum AnswerBody {
    case none
    case bytes(Bytes)
    case stored(FetchedBody)
}

/// One request on its way through the states of VCL. A hit runs from `start` to `answer` without a pause; a miss comes
/// back through `Fetch`. Confined to its loop.
final class Transaction: @unchecked Sendable {
    let edge: EdgeLoop
    let context: Context
    /// Let go at the end. Not weak: one weak reference makes every later count of the connection's owners a slow one.
    var client: (any TransactionClient)?
    /// Asked by a trial: it stores nothing, counts nothing, and neither waits for other requests nor lets them wait.
    let isTrial: Bool
    /// The control plane looks how a site is: no visitor, and in no figure.
    var isUncounted = false
    /// The head as the client sent it, in the context's arena, and what `TopPaths` made of its host and path.
    var head = Bytes.notSet
    var path: UInt64 = 0
    var body = AnswerBody.none
    /// What the client sends behind its head, when it sends something.
    var requestBody: RequestBody?
    /// Kept alive because the context's views may lie in it.
    var stored: StoredResponse?
    /// What is there but stale, for `stale.exists`.
    var staleCandidate: StoredResponse?
    /// The address for which this transaction is the one that fetches.
    var busyKey = Bytes.notSet
    /// Waited for a fetch whose answer was not kept. It will not wait again: else all who waited would fetch one after the other.
    private var waitedInVain = false
    var fetch: Fetch?
    /// Those who make something else of what is there: of a body its compressed form, of a page and its parts the whole.
    var producers: [any BodyProducer] = []
    /// How many includes are left to the page and its parts.
    var includes: IncludeBudget?
    var isHead = false
    /// A segment of what another transaction delivers.
    var isSegment = false
    /// The answer is a page with its parts, of which no validator speaks.
    var isAssembled = false
    var ended = false
    /// Whether there was an answer to send.
    var isAnswered = false
    /// Nanoseconds since 1970 at which the head of an answer left whose body was still to come; 0 for others.
    var firstByte: Int64 = 0

    init(edge: EdgeLoop, context: Context, client: (any TransactionClient)?, isTrial: Bool = false) {
        self.edge = edge
        self.context = context
        self.client = client
        self.isTrial = isTrial
    }

    func run(_ scope: Scope) -> Flow {
        let flow = context.snapshot.program.run(scope, context)
        if !context.wishes.earlyHints.isEmpty { sendEarlyHints() }
        return flow
    }

    // MARK: recv

    /// The request is here, `head` as its client sent it: in every figure, unless the control plane is who asks.
    func countArrival(_ head: Bytes) {
        self.head = head
        isUncounted = edge.core.isOwnVisit(&context.req.headers)
        guard !isUncounted else { return }
        edge.statistics.requests += 1
        path = edge.topPaths.count(host: context.req.headers[.host], target: context.req.target)
    }

    func start() {
        // A tunnel is not for a cache; handed on, its connection to the backend would be lost for others.
        guard !(context.req.method == "CONNECT") else { return fail(405, "Method Not Allowed") }
        edge.core.shielding?.admit(context)
        isHead = context.req.method == "HEAD"
        context.isPurge = context.req.method == "PURGE" || context.req.method == "FASTLYPURGE"
        if edge.isFlooded, lacksProofInFlood() { return answerWithChallenge() }
        receive()
    }

    func receive() {
        let flow = run(.recv)
        if edge.core.challenge != nil, lacksProofAsked() { return answerWithChallenge() }
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

    /// Once there were too many, what answers for that may not restart again: it would go on for ever.
    var mayRestart: Bool { context.restarts <= EdgeLimits.restarts }

    func restart() {
        releaseBusy(.notStored)
        waitedInVain = false
        context.restarts += 1
        guard context.restarts <= EdgeLimits.restarts else { return fail(503, "max restarts exceeded") }
        // A segment's program has no beginning of its own to go back to.
        guard !isSegment else { return fail(503, "restart in a segment") }
        cancelUnlessForCache()
        producers = []
        stored = nil
        staleCandidate = nil
        context.resetForPass()
        receive()
    }

    func hashThen(_ next: (Transaction) -> Void) {
        _ = run(.hash)
        context.completeHashKey()
        next(self)
    }

    // MARK: lookup

    func lookup() {
        if context.isPurge { return purge() }
        guard !context.hashAlwaysMiss else { return notFound(waiting: false) }
        let found = edge.core.cache.lookup(
            context.hashKey, context.req.headers, now: context.now, counts: !isTrial)
        switch found {
        case .hit(let found): hit(found, stale: false)
        case .stale(let found): lookupStale(found)
        case .hitForPass:
            context.state = .hitPass
            pass()
        case .miss: notFound(waiting: mayWait)
        }
    }

    private func notFound(waiting: Bool) {
        if context.usedExtras?.segmentedCaching == true, !isTrial { return deliverSegments() }
        if waiting, let key = context.keyOfPart,
            case .hit(let part) = edge.core.cache.lookup(
                key, context.req.headers, now: context.now, counts: !isTrial)
        {
            return hit(part, stale: false)
        }
        miss(waiting: waiting)
    }

    private func lookupStale(_ found: StoredResponse) {
        if context.snapshot.shedding != nil, context.servesInsteadOfAsking(found, asked: askedTarget) {
            return hit(found, stale: true)
        }
        if context.mayServeWhileRevalidating(found) {
            if !isTrial, found.beginRefresh() { Transaction.refresh(found, like: self) }
            return hit(found, stale: true)
        }
        staleCandidate = found
        miss(waiting: mayWait && !found.isBornStale)
    }

    private var mayWait: Bool { !context.hashIgnoreBusy && !waitedInVain && !isTrial }

    private func hit(_ found: StoredResponse, stale: Bool) {
        take(found)
        context.state = stale ? .hitStale : .hit
        context.respIsStale = stale
        switch run(.hit) {
        case .pass: pass()
        case .error: synthesize()
        case .restart: restart()
        default: deliverStored(found)
        }
    }

    /// Fills `obj` from a stored response.
    func take(_ found: StoredResponse) {
        stored = found
        context.take(found)
    }

    private func purge() {
        let soft = context.req.headers[HeaderName("Fastly-Soft-Purge")] == "1"
        edge.core.purge(context.hashKey, soft: soft, now: context.now)
        context.resp.reset()
        context.resp.status = 200
        context.resp.headers.append(HeaderField(.contentType, value: Bytes("application/json")))
        body = .bytes(Bytes("{\"status\": \"ok\"}\n"))
        finish()
    }

    // MARK: miss and pass

    private func miss(waiting: Bool) {
        if waiting {
            let key = context.hashKey
            let mine = edge.core.busy.begin(key, on: edge.loop) { [self] in wake($0) }
            if mine == false { return }
            if mine == true { busyKey = key }
        }
        if context.state == .none || context.state == .hit { context.state = .miss }
        context.prepareBackendRequest(whole: true)
        context.bereq.method = Bytes("GET")
        if let staleCandidate { context.askForChanges(since: staleCandidate) }
        switch run(.miss) {
        case .pass: pass()
        case .error: synthesize()
        case .deliverStale: deliverStale()
        default: beginMiss(waiting: waiting)
        }
    }

    /// A Range that the program sends on is fetched beside the whole: who waits for that shall not wait for a part.
    private func beginMiss(waiting: Bool) {
        guard context.takePart(besides: staleCandidate != nil) else { return begin(cacheable: true) }
        releaseBusy(.stored)
        if waiting {
            let key = context.hashKey
            let mine = edge.core.busy.begin(key, on: edge.loop) { [self] in wake($0) }
            if mine == false { return }
            if mine == true { busyKey = key }
        }
        begin(cacheable: true)
    }

    /// The fetch that this transaction waited for has its head, or none.
    private func wake(_ outcome: BusyTable.Outcome) {
        guard !ended else { return }
        context.now = wallClock()
        context.leavePart()
        switch outcome {
        case .stored: lookup()
        case .notStored:
            waitedInVain = true
            lookup()
        case .failed(let error): fail(error)
        }
    }

    private func pass() {
        releaseBusy(.notStored)
        if context.state != .hitPass { context.state = .pass }
        context.prepareBackendRequest(whole: false)
        switch run(.pass) {
        case .error: synthesize()
        default: forward()
        }
    }

    func begin(cacheable: Bool) {
        let fetch = Fetch(transaction: self, cacheable: cacheable)
        self.fetch = fetch
        fetch.begin()
    }

    // MARK: what the fetch reports

    /// `context.beresp` is filled.
    func fetched(_ fetch: Fetch) {
        context.now = wallClock()
        context.settlePart()
        guard !(context.beresp.status == 304 && freshen(fetch)) else { return }
        if !fetch.cacheable, !isTrial, context.hasChangedTheAddress {
            edge.core.purge(context.hashKey, soft: false, now: context.now)
        }
        switch runFetch() {
        case .pass:
            keepHitForPass()
            guard !deliverRecoded(fetch, stores: false) else { return }
            fetch.deliver(keeping: nil)
            deliverFetched(fetch)
        case .error:
            fetch.cancel()
            synthesize()
        case .restart:
            fetch.cancel()
            restart()
        case .deliverStale where context.staleExists:
            fetch.cancel()
            deliverStale()
        default:
            deliverOrStore(fetch)
        }
    }

    private func deliverOrStore(_ fetch: Fetch) {
        let stores = (fetch.cacheable ? context.mayStore : context.isForLaterGets) && !isTrial
        // An error passes; a mark would keep its address out of the cache for minutes after it has.
        if !stores, fetch.cacheable, context.beresp.status < 500 { keepHitForPass() }
        guard !deliverRecoded(fetch, stores: stores) else { return }
        if stores {
            let response = context.makeStored(fetch.body)
            context.isStored = true
            edge.core.cache.insert(response, key: context.hashKey)
            fetch.deliver(keeping: (response, context.hashKey.array))
            releaseBusy(response.isBornStale ? .notStored : .stored)
        } else {
            fetch.deliver(keeping: nil)
        }
        deliverFetched(fetch)
    }

    private func keepHitForPass() {
        guard busyKey.isSet else { return }
        edge.core.cache.insert(
            context.makeStored(
                FetchedBody(complete: ByteBuffer()), hitForPass: EdgeLimits.hitForPassSeconds * 1_000_000_000),
            key: context.hashKey)
        releaseBusy(.notStored)
    }

    /// A 304 to our own question: what we have is good, with the new head's words (RFC 9111, section 4.3.4).
    private func freshen(_ fetch: Fetch) -> Bool {
        guard let candidate = staleCandidate, fetch.cacheable, let old = candidate.body as? FetchedBody else {
            return false
        }
        context.freshen(candidate)
        fetch.adopt(old, judging: context)
        switch run(.fetch) {
        case .error: synthesize()
        case .restart: restart()
        default: deliverOrStore(fetch)
        }
        return true
    }

    func fetchFailed(_ error: OriginError) {
        context.now = wallClock()
        if !isTrial, error != .cacheOnly { edge.statistics.fetchFailures += 1 }
        // Whoever waits shares this failure, and its vcl_error decides with its own stale copy; else each would try in turn.
        releaseBusy(.failed(error))
        fail(error)
    }

    // MARK: revalidation in the background

    /// Fetches again what `transaction` was just given stale.
    private static func refresh(_ found: StoredResponse, like transaction: Transaction) {
        let edge = transaction.edge
        let original = transaction.context
        let context = edge.context(under: original.snapshot)
        func copy(_ bytes: Bytes) -> Bytes { context.arena.copy(bytes) }
        context.req.method = Bytes("GET")
        context.req.target = copy(original.req.target)
        for field in original.req.headers.fields {
            context.req.headers.append(HeaderField(name: copy(field.name), value: copy(field.value)))
        }
        context.hashKey = copy(original.hashKey)
        if let part = original.usedExtras?.pass.part {
            context.extras.pass.part = .init(wholeKey: copy(part.wholeKey), segment: part.segment)
        }
        context.clientAddress = original.clientAddress
        context.isTLS = original.isTLS
        context.backend = original.backend
        context.now = original.now
        context.startTime = original.now
        context.isBackgroundFetch = true
        // Whatever goes wrong, what was served stands until it may not be served any more.
        context.staleExists = true
        let background = Transaction(edge: edge, context: context, client: nil)
        background.staleCandidate = found
        background.keepAlive = background
        edge.loop.execute { background.miss(waiting: true) }
    }

    /// A transaction in the background holds itself until its fetch has ended.
    private var keepAlive: Transaction?

    func backgroundEnded() {
        staleCandidate?.endRefresh()
        keepAlive = nil
        cancelUnlessForCache()
    }
}
