import ArgumentParser
import CampaignFile
import Edge
import Foundation
import Kernel
import RequestFlow

/// What visitors prove who are not trusted; the same for an edge of a campaign and for one alone.
struct ChallengeOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            """
            Challenge visitors of whom the program says so (set req.http.HQ-Challenge = "required"): their browsers prove some \
            work before anything is done for them.
            """))
    var challenge = false

    @Option(
        help: ArgumentHelp(
            "Challenge everybody while the edge has more requests a second.", valueName: "number"))
    var challengeAbove: Double?

    @Option(
        help: ArgumentHelp(
            "How hard: each bit more doubles the work. 16 when nothing is said.", valueName: "bits"))
    var challengeBits: Int?

    @Option(
        help: ArgumentHelp("How long a proof is good. 30m when nothing is said.", valueName: "duration"))
    var challengeLifetime: String?

    @Option(
        help: ArgumentHelp(
            "A path for which nobody is challenged in a flood, with what lies below it. May be repeated.",
            valueName: "path"))
    var challengeExcept: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with the key of proofs, the same for all edges of a site.", valueName: "file"),
        completion: .file())
    var challengeKey: String?

    private var isOn: Bool { challenge || challengeAbove != nil }

    func validate() throws {
        let others =
            challengeBits != nil || challengeLifetime != nil || !challengeExcept.isEmpty
            || challengeKey != nil
        if others, !isOn {
            throw ValidationError("what is said of challenges wants --challenge, or --challenge-above NUMBER")
        }
        if let challengeAbove, !CampaignLimits.challengeAbove.contains(challengeAbove) {
            throw ValidationError("--challenge-above wants 1 to 10000000 requests a second")
        }
        let bits = CampaignLimits.challengeBits
        if let challengeBits, !bits.contains(challengeBits) {
            throw ValidationError("--challenge-bits wants \(bits.lowerBound) to \(bits.upperBound)")
        }
        if let challengeLifetime,
            Duration(parsing: challengeLifetime).map(CampaignLimits.challengeLifetime.contains) != true
        {
            throw ValidationError("--challenge-lifetime wants 1m to 24h, not '\(challengeLifetime)'")
        }
        if challengeExcept.count > CampaignLimits.challengeExceptions {
            throw ValidationError(
                "--challenge-except may stand \(CampaignLimits.challengeExceptions) times at most")
        }
        for path in challengeExcept where !Campaign.isPathPrefix(path) {
            throw ValidationError(
                "--challenge-except wants the beginning of a path such as /api/, not '\(path)'")
        }
    }

    /// Nil when nobody is challenged. `usually` is where a campaign keeps the key; it is made when it is not there.
    func opened(usually: String? = nil) throws -> Challenge? {
        guard isOn else { return nil }
        let key: [UInt8]
        if let challengeKey {
            key = try ChallengeKey.read(challengeKey)
        } else {
            key = try usually.map { try ChallengeKey.readOrMake($0) } ?? ChallengeKey.random()
        }
        let lifetime = challengeLifetime.flatMap { Duration(parsing: $0) }
        let proof = ProofOfWork(
            key: key, bits: challengeBits ?? ChallengeLimits.usualBits,
            lifetimeSeconds: lifetime.map { $0.nanoseconds / 1_000_000_000 }
                ?? ChallengeLimits.usualLifetimeSeconds)
        return Challenge(proof, above: challengeAbove, except: challengeExcept)
    }
}
