/// Bounds of what a campaign file says of its edge's defences. `hq edge run` and `hq edge start` have the same for their options.
package enum CampaignLimits {
    /// Connections, of all or of one: below one nobody is served; above what the largest machines can hold open it is a mistake.
    package static let connections = 1...10_000_000
    /// Requests a second. A client's slowest rate lets one through in 100 seconds; no client is faster than the highest.
    package static let rates = 0.01...1_000_000
    /// Ranges of addresses that limits do not concern. Each new connection is compared with all of them.
    package static let exemptRanges = 100
    /// Path prefixes that are fetched while only the cache is served. Each fetch is compared with all of them, and whoever
    /// needs more wants no shedding.
    package static let shedExceptions = 100
    /// Addresses for TLS. A machine has few that visitors reach; each is as many sockets as the edge has loops.
    package static let tlsPlaces = 16
    /// Certificates that a campaign names. They are all read when the edge starts, and looked at every few seconds.
    package static let certificates = 200
    /// Names that an authority issues for, a certificate each: Let's Encrypt issues some 50 for a domain in a week.
    package static let acmeNames = 100
    package static let acmeContacts = 10
    /// How long browsers use https alone: lists for preloading want a year, and two are as good as for ever.
    package static let hsts: ClosedRange<Duration> = .zero ... .seconds(2 * 365 * 86_400)
    /// Leading zero bits of a proof of work: 256 tries on average, and 17 million, which are minutes on a phone.
    package static let challengeBits = 8...24
    /// How long a proof is good: shorter ones would have visitors prove on each page, with longer ones a botnet collects them.
    package static let challengeLifetime: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)
    /// Requests a second from which on everybody is challenged.
    package static let challengeAbove: ClosedRange<Double> = 1...10_000_000
    /// Path prefixes for which nobody is challenged by himself. Each request is compared with all of them in a flood.
    package static let challengeExceptions = 100
    /// Characters of one of them; longer ones name a page and no part of a site.
    package static let prefixCharacters = 1024
}
