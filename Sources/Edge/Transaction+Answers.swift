import EdgeLink
import HTTP1
import HTTPCache
import Kernel
import RequestFlow
import VCL
import VCLRuntime

extension Transaction {
    // MARK: answers

    func deliverFetched(_ fetch: Fetch) {
        context.resp.copy(context.beresp)
        body = .stored(fetch.body)
        deliver()
    }

    func deliverStored(_ found: StoredResponse) {
        context.answerWithObject()
        if let fetched = found.body as? FetchedBody { body = .stored(fetched) }
        deliver()
    }

    func deliverStale() {
        guard let staleCandidate, context.staleExists else { return fail(503, "no stale object") }
        releaseBusy(.notStored)
        take(staleCandidate)
        context.state = .hitStale
        context.respIsStale = true
        context.respIsStaleError = true
        deliverStored(staleCandidate)
    }

    func synthesize(_ error: OriginError? = nil) {
        releaseBusy(.notStored)
        context.beginError()
        if let error { context.noteRetry(after: error) }
        switch run(.error) {
        case .restart where mayRestart: return restart()
        case .deliverStale where context.staleExists: return deliverStale()
        default: break
        }
        context.resp.copy(context.obj)
        body = .bytes(context.synthetic.isSet ? context.synthetic : context.obj.reason)
        deliver()
    }

    func deliver() {
        // The program delivers the whole that it is a segment of.
        guard !isSegment else { return finish() }
        context.dressResponse()
        if run(.deliver) == .restart, mayRestart { return restart() }
        finish()
    }

    func finish() {
        releaseBusy(.notStored)
        guard !context.isBackgroundFetch else { return backgroundEnded() }
        // What nobody waits for is no answer; only the cache may want the rest.
        guard !ended else { return cancelUnlessForCache() }
        if !isTrial, !isUncounted {
            count()
            if context.resp.status >= 500 { keepFailed() }
        }
        isAnswered = true
        produceBody()
        client?.answer(self)
    }

    /// For trials. What came with a body is not tried again, nor what asks for more than to read.
    private func keepFailed() {
        guard requestBody == nil, head.hasPrefix("GET ") || head.hasPrefix("HEAD ") else { return }
        edge.failed.keep(
            head, path: path, peer: Peer(asking: context), at: wallClock() / 1_000_000)
    }

    private func count() {
        switch context.state {
        case .hit: edge.statistics.hits += 1
        case .hitStale: edge.statistics.stale += 1
        case .miss: edge.statistics.misses += 1
        case .pass, .hitPass: edge.statistics.passes += 1
        case .none, .error, .synthetic: edge.statistics.synthetics += 1
        }
    }

    func releaseBusy(_ outcome: BusyTable.Outcome) {
        guard busyKey.isSet else { return }
        edge.core.busy.end(busyKey, outcome)
        busyKey = .notSet
    }

    /// The client is gone or has its answer; nothing is sent any more. A fetch for the cache goes on.
    func end() {
        guard !ended else { return }
        ended = true
        client = nil
        requestBody?.stop()
        _ = context.snapshot.program.run(.log, context)
        if !isUncounted { edge.observer.ended(self) }
        cancelUnlessForCache()
    }

    /// A body that nobody reads would hold its connection for ever.
    func cancelUnlessForCache() {
        if let fetch, !fetch.isForCache { fetch.cancel() }
        for producer in producers where !producer.isForCache { producer.cancel() }
    }

    /// A trial knows what it wanted to.
    func abandon() {
        ended = true
        client = nil
        fetch?.cancel()
        for producer in producers { producer.cancel() }
    }

    /// Gives the context to the next request, if nobody can look at it any more.
    func recycle() { if fetch == nil { edge.recycle(context) } }
}
