import Kernel

/// What `/.well-known/acme-challenge/TOKEN` answers (RFC 8555, section 8.3): only tokens of challenges under way, so that a
/// path of a site below there is the site's at all other times.
package final class ChallengeAnswers: Sendable {
    private let answers = Guarded<[String: String]>([:])

    package init() {}

    func set(_ answers: [String: String]) { self.answers.withLock { $0 = answers } }

    /// For a request's target; nil for whatever is no challenge.
    func answer(_ target: Bytes) -> String? {
        guard target.hasPrefix("/.well-known/acme-challenge/") else { return nil }
        let token = target.slice(28, target.count).string
        return answers.withLock { $0[token] }
    }
}
