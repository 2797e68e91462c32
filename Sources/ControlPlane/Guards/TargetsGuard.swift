import Journey

/// No redirect goes live whose target is not there. What could not be found out is only warned of: the world beyond is not ours.
enum TargetsGuard {
    static let name = "targets"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard !facts.targets.isEmpty else { return nil }
        if let dead = facts.targets.first(where: { $0.state.isDead }) {
            let blocks = !facts.isTakingBack
            return Verdict(
                name, blocks ? .block : .warn,
                "\(dead.dictionary): \(dead.key) leads to \(dead.target), which \(dead.state.words)",
                wayPast: "mend the address; an operator may add --override \(name) --because \"...\"")
        }
        let notes = facts.targets.filter { $0.state != .answers || $0.hidesPage }.prefix(3).map { one in
            one.hidesPage
                ? "\(one.dictionary): there is a page at \(one.key), which nobody will see"
                : "\(one.dictionary): whether \(one.target) is there could not be found out: it \(one.state.words)"
        }
        guard !notes.isEmpty else { return Verdict(name, .pass, "the targets answer") }
        return Verdict(name, .warn, notes.joined(separator: "; "))
    }
}

/// What became of asking for the target of one redirect.
struct TargetFact: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case answers
        /// It is not there: 404 or 410, or nobody listens.
        case missing(Int)
        case refuses
        case fails(Int)
        case unknown

        var isDead: Bool {
            switch self {
            case .missing, .refuses: true
            case .answers, .fails, .unknown: false
            }
        }

        var words: String {
            switch self {
            case .answers: "answers"
            case .missing(let status): "answers \(status)"
            case .refuses: "takes no connection"
            case .fails(let status): "answers \(status)"
            case .unknown: "did not answer in time, or is nothing that visitors can reach"
            }
        }
    }

    let dictionary: String
    let key: String
    let target: String
    let state: State
    /// A page lies where the redirect begins.
    let hidesPage: Bool
}
