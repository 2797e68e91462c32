/// Bounds of the Fastly-compatible API. Where Fastly has one, it is Fastly's.
package enum FastlyLimits {
    /// Items or entries of one batch.
    package static let batch = 1000
    /// Surrogate keys of one purge.
    package static let purgeKeys = 256
    /// Requests that change something, in one hour and for one token. Fastly's is 1,000; here a whole move of a large service
    /// fits, and a script that has lost its end does not.
    package static let changesEachHour = 10_000
    /// Tokens whose changes are counted; more than any campaign hands out. The ones that are counted longest are forgotten first.
    package static let countedTokens = 1000
    /// Records of a page when a request asks for pages without saying how long.
    package static let page = 20
    /// Records of a page at most, and of an answer to a request that does not ask for pages.
    package static let longestPage = 10_000
    /// Entries of the ledger that `/events` looks through, newest first.
    package static let events = 1000
    /// Bytes of a request without a known key: there is nothing that it could send.
    package static let strangersBytes = 1024
}
