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

    /// Whether vcl_recv has asked for a proof, and there is none.
    func lacksProofAsked() -> Bool {
        guard let challenge = edge.core.challenge, context.takeChallengeWish() else { return false }
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

    func answerWithChallenge() {
        guard let challenge = edge.core.challenge, let client = challenged else {
            return fail(403, "Forbidden")
        }
        edge.statistics.challenges += 1
        context.answerWithChallenge(challenge.page)
        body = .bytes(
            challenge.page.text(
                challenge.proof, for: client, at: context.now / 1_000_000_000, in: context.arena))
        finish()
    }
}
