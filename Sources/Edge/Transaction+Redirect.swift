import HTTP1
import Kernel
import RequestFlow
import VCLRuntime

extension Transaction {
    /// Answers with the same address at https, whatever the program says: it never sees the request, its log
    /// does. A method other than GET and HEAD must not be changed on the way (RFC 9110, section 15.4.9).
    func redirect(toPort port: Int) {
        isHead = context.req.method == "HEAD"
        let host = context.req.headers[.host].withoutPort
        guard !host.isEmpty, !(context.req.method == "CONNECT") else { return fail(400, "Bad Request") }
        let arena = context.arena
        let target = context.req.target.hasPrefix("/") ? context.req.target : Bytes("/")
        let end = port == 443 ? Bytes.empty : arena.copy(":\(port)")
        context.resp.reset()
        context.resp.status = isHead || context.req.method == "GET" ? 301 : 308
        context.resp.reason = HeadWriter.reason(context.resp.status)
        context.resp.headers.append(
            HeaderField(
                HeaderName("Location"), value: arena.concatenate([Bytes("https://"), host, end, target])))
        context.state = .synthetic
        body = .bytes(.empty)
        finish()
    }
}

extension Transaction {
    /// Answers an authority that looks whether a name leads here, whatever the program says; false when it is not one that asks.
    func answer(_ challenges: ChallengeAnswers) -> Bool {
        guard let text = challenges.answer(context.req.target) else { return false }
        isHead = context.req.method == "HEAD"
        guard isHead || context.req.method == "GET" else { return false }
        context.resp.reset()
        context.resp.status = 200
        context.resp.reason = HeadWriter.reason(200)
        context.resp.headers.append(HeaderField(.contentType, value: Bytes("application/octet-stream")))
        context.state = .synthetic
        body = .bytes(context.arena.copy(text))
        finish()
        return true
    }
}

extension Bytes {
    /// A host without the port behind it; the colons of an IPv6 address are between brackets.
    fileprivate var withoutPort: Bytes {
        var at = count
        while at > 0, self[at - 1] &- 0x30 < 10 { at -= 1 }
        return at > 0 && self[at - 1] == UInt8(ascii: ":") ? slice(0, at - 1) : self
    }
}
