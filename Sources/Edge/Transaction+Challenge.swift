import EdgeLink
import HTTP1
import Kernel
import RequestFlow
import VCLRuntime

// Who may have to prove work: visitors. Not a page's includes, the control plane, other edges (which have challenged already) and
// the ranges that limits do not concern.

extension Transaction {
    /// Whether the edge itself wants a proof in this flood, and there is none.
    func lacksProofInFlood() -> Bool {
        guard let challenge = edge.core.challenge, !challenge.exempts(askedTarget) else { return false }
        return lacksProof(challenge)
    }

    /// Whether vcl_recv has asked for a proof (`set req.http.HQ-Challenge = "required";`), and there is none. A backend does not see
    /// that it did.
    func lacksProofAsked() -> Bool {
        guard let challenge = edge.core.challenge,
            context.req.headers[Transaction.wish] == Bytes("required")
        else { return false }
        context.req.headers.remove(Transaction.wish)
        return lacksProof(challenge)
    }

    /// The cookies are those that came: programs take them out of what they pass on.
    private func lacksProof(_ challenge: Challenge) -> Bool {
        guard head.isSet, !isUncounted, !isTrial, context.visits == 0, let client = challenged else {
            return false
        }
        var asked = RequestHead()
        _ = try? HeadParser.request(head, into: &asked, overTLS: context.isTLS)
        return !challenge.proof.isProved(asked.headers, by: client, at: context.now / 1_000_000_000)
    }

    /// The client's address, as far as it is one client's; nil for those who are exempt. A Unix socket has none.
    private var challenged: IPAddress? {
        let address = context.clientAddress
        guard address != .unspecified,
            !edge.core.admission.limits.exempt.contains(where: { $0.contains(address) })
        else { return nil }
        return address.prefix(address.isIPv4 ? AdmissionLimits.clientBits.v4 : AdmissionLimits.clientBits.v6)
    }

    /// The challenge as the answer. vcl_deliver does not see it: what a program adds to its pages (policies, cookies) would break
    /// this one.
    func answerWithChallenge() {
        guard let challenge = edge.core.challenge, let client = challenged else {
            return fail(403, "Forbidden")
        }
        edge.statistics.challenges += 1
        let arena = context.arena
        context.resp.reset()
        context.resp.status = 403
        context.resp.reason = HeadWriter.reason(403)
        for (name, value) in Transaction.challengeHeaders {
            context.resp.headers.append(HeaderField(name, value: Bytes(value)))
        }
        context.resp.headers.append(
            HeaderField(Transaction.policy, value: arena.copy(challenge.page.policy)))
        context.state = .synthetic
        body = .bytes(
            challenge.page.text(challenge.proof, for: client, at: context.now / 1_000_000_000, in: arena))
        finish()
    }

    private static let wish = HeaderName("HQ-Challenge")
    private static let policy = HeaderName("Content-Security-Policy")
    private static let challengeHeaders: [(HeaderName, StaticString)] = [
        (.contentType, "text/html; charset=utf-8"), (HeaderName("Cache-Control"), "no-store"),
        (HeaderName("X-Content-Type-Options"), "nosniff"), (HeaderName("Referrer-Policy"), "same-origin"),
    ]
}
