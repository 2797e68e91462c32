import Journey

/// No change goes live under which a watched page is no page any more.
enum PagesGuard {
    static let name = "pages"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard let broken = facts.brokenPages.first else { return nil }
        let others = facts.brokenPages.count - 1
        return Verdict(
            name, facts.isTakingBack ? .warn : .block,
            "the watched page \(broken.visit) would answer \(broken.after)"
                + (others > 0 ? ", and \(others) more would too" : ""),
            wayPast: "an operator may add --override \(name) --because \"...\"")
    }
}
