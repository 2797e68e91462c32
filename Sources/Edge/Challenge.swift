import Kernel
package import RequestFlow

/// What an edge asks of visitors whom it, or the program, does not trust: a proof of work, before anything else is done for them.
package final class Challenge: Sendable {
    let proof: ProofOfWork
    let page = ChallengePage()
    /// Beginnings of paths for which nothing is asked by itself: what is not fetched by browsers.
    private let except: [String]
    private let gauge: Guarded<FloodGauge>?

    /// `above`: requests a second at this edge from which on everybody is challenged; nil when only the program does.
    package init(_ proof: ProofOfWork, above: Double? = nil, except: [String] = []) {
        self.proof = proof
        self.except = except + ChallengeLimits.alwaysExempt
        gauge = above.map { Guarded(FloodGauge(above: $0)) }
    }

    /// From each loop, several times a second; whether everybody is challenged now.
    func isFlooded(_ requests: Int, now: Int64) -> Bool {
        gauge?.withLock { $0.add(requests, now: now) } ?? false
    }

    func exempts(_ target: Bytes) -> Bool { target.pathOfTarget.liesBelow(except) }
}
