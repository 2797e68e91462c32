import Kernel
import RequestFlow
import VCLRuntime

/// What a simulated edge asks of visitors whom it, or the program, does not trust. Proofs are not calculated: a request says
/// whether it has one.
package struct SimulatedChallenge: Sendable, Hashable {
    /// Beginnings of paths for which nothing is asked in a flood.
    package var except: [String]
    /// Everybody is asked.
    package var isFlooded = false

    package init(except: [String] = []) { self.except = except }

    func exempts(_ target: Bytes) -> Bool {
        target.pathOfTarget.liesBelow(except + ChallengeLimits.alwaysExempt)
    }

    /// The page is the edge's own; nobody guesses this key, because nothing is protected by it.
    static let page = ChallengePage()
    static let proof = ProofOfWork(key: Array("a simulated edge".utf8))
}

extension SimulatedTransaction {
    /// Whether the edge itself wants a proof in this flood, and there is none.
    var lacksProofInFlood: Bool {
        guard let challenge = edge.challenge, challenge.isFlooded else { return false }
        return lacksProof && !challenge.exempts(context.arena.copy(asked.url))
    }

    /// Whether vcl_recv has asked for a proof, and there is none.
    func lacksProofAsked() -> Bool { edge.challenge != nil && context.takeChallengeWish() && lacksProof }

    /// Not asked are a page's includes, and other edges, which have challenged already.
    private var lacksProof: Bool { !asked.hasProof && context.visits == 0 && context.includeLevel == 0 }

    func answerWithChallenge() {
        isChallenged = true
        trace.note("the visitor is asked for a proof of work")
        context.answerWithChallenge(SimulatedChallenge.page)
        body =
            SimulatedChallenge.page.text(
                SimulatedChallenge.proof, for: asked.client, at: context.now / 1_000_000_000,
                in: context.arena
            ).array
    }
}
