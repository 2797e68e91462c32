import HTTP1
import Kernel
import NIOCore
import RequestFlow
import VCL
import VCLRuntime

extension Transaction {
    /// Passes a request on, unless it says that it was passed on often enough.
    func forward() {
        guard context.countsForward() else { return answerAsLast() }
        begin(cacheable: false)
    }

    /// Who may not pass OPTIONS or TRACE on answers as whoever it is for (RFC 9110, section 7.6.2). TRACE is not answered with what
    /// was sent: scripts would read from it what browsers keep from them.
    private func answerAsLast() {
        guard context.bereq.method == "OPTIONS" else { return fail(405, "Method Not Allowed") }
        context.resp.reset()
        context.resp.status = 200
        context.resp.reason = HeadWriter.reason(200)
        context.state = .synthetic
        body = .bytes(.empty)
        finish()
    }

    /// `return(upgrade)`: the backend is asked to speak another protocol, over a connection of its own, and the program has no
    /// more to say (https://www.fastly.com/documentation/guides/concepts/real-time-messaging/websockets-tunnel).
    func upgrade() {
        releaseBusy(.notStored)
        guard context.asksForUpgrade, requestBody == nil, client?.canSwitch == true else {
            return fail(.upgradeImpossible)
        }
        guard edge.tunnels < OriginLimits.tunnels else { return fail(.tooManyTunnels) }
        context.state = .pass
        context.prepareBackendRequest(whole: false)
        let fetch = Fetch(transaction: self, cacheable: false, upgrades: true)
        self.fetch = fetch
        fetch.begin()
    }

    func fail(_ error: OriginError) { fail(error.status, error.response, error) }

    func fail(_ status: Int64, _ response: StaticString, _ error: OriginError? = nil) {
        context.errorStatus = status
        context.errorResponse = Bytes(response)
        synthesize(error)
    }

    /// Runs vcl_fetch, and notes which backend it wants to be left alone.
    func runFetch() -> Flow {
        let flow = run(.fetch)
        if let time = context.usedExtras?.pass.saintMode, time > 0,
            let backend = context.snapshot.program.backend(at: context.servedBy)
        {
            let now = wallClock()
            let (until, isTooLong) = now.addingReportingOverflow(time)
            edge.core.origins.saints.avoid(
                backend, object: ByteHash.process(context.hashKey), until: isTooLong ? .max : until, now: now)
        }
        return flow
    }
}

extension Transaction {
    /// Whether the client takes trailers. It says so hop by hop, so that programs do not see it: it stands in the head as it came.
    var wantsTrailers: Bool {
        guard head.isSet else { return false }
        var asked = RequestHead()
        _ = try? HeadParser.request(head, into: &asked, overTLS: context.isTLS)
        return asked.headers.lists(.te, token: "trailers")
    }
}

extension EdgeCore {
    /// Whether probes and saint mode let `backend` be asked for what `key` stands for.
    func mayAsk(_ backend: Backend, for key: Bytes) -> Bool {
        health.isHealthy(backend)
            && origins.saints.allows(backend, object: ByteHash.process(key), now: wallClock())
    }
}

extension Context {
    private static let idempotent: [StaticString] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]

    /// Whether the backend may get the request twice (RFC 9110, section 9.2.2).
    var mayAskTwice: Bool { Context.idempotent.contains { bereq.method == $0 } }

    /// The head of the request as the backend gets it. With `upgrades`, it asks for the protocol that the client wants.
    /// A shield is told which edges the request has come through.
    func backendHead(
        _ backend: Backend, _ framing: BodyFraming, upgrades: Bool, from core: EdgeCore, toShield: Bool,
        wantsTrailers: Bool
    ) -> ByteBuffer {
        var list = bereq.headers
        list.remove(.contentLength)
        if let host = backend.hostHeader { list.set(.host, arena.copy(host)) }
        if !list.contains(.host) { list.set(.host, arena.copy(backend.host)) }
        switch framing {
        case .length(let count):
            list.append(HeaderField(.contentLength, value: Format.integer(Int64(count), in: arena)))
        case .chunked: list.append(HeaderField(.transferEncoding, value: Bytes("chunked")))
        case .none, .untilClose: break
        }
        if upgrades {
            list.append(HeaderField(.connection, value: Bytes("Upgrade")))
            list.append(HeaderField(.upgrade, value: req.headers.joined(.upgrade, in: arena)))
        }
        if wantsTrailers {
            list.append(HeaderField(.te, value: Bytes("trailers")))
            list.append(HeaderField(.connection, value: Bytes("TE")))
        }
        sign(&list, as: core.loopName.bytes)
        if toShield { core.shielding?.sign(&list, in: arena) }
        let size = bereq.method.count + bereq.target.count + 14 + HeadWriter.size(of: list)
        var buffer = ByteBufferAllocator().buffer(capacity: size)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var at = HeadWriter.write(bereq.method, to: start)
            at[0] = 0x20
            at = HeadWriter.write(bereq.target, to: at + 1)
            at = HeadWriter.write(Bytes(" HTTP/1.1\r\n"), to: at)
            at = HeadWriter.write(list, to: at)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            precondition(at - start == size, "a head is exactly as long as was reckoned")
            return size
        }
        return buffer
    }
}
