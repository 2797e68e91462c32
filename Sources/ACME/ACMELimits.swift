/// Bounds of what a certificate authority may make an edge do, each with its reason.
package enum ACMELimits {
    /// How often one request is sent again with a new nonce (RFC 8555, section 6.5). A nonce can go stale while others ask
    /// the same server; one that refuses five in a row will refuse the sixth.
    package static let nonceTries = 5
    /// Seconds between two looks at an authorization or an order when the server names none: it validates within seconds,
    /// and each look later waits twice as long as the one before.
    package static let firstPollSeconds = 1
    /// The longest pause between two looks, whatever `Retry-After` says: a person may be waiting for the certificate.
    package static let longestPollSeconds = 60
    /// Looks at one authorization or order. With growing pauses they last for a quarter of an hour; what takes longer waits
    /// for a person at the authority.
    package static let polls = 20
    /// Bytes of an answer. Directories and orders are a few KiB, chains seldom ten.
    package static let answerBytes = 256 * 1024
    /// A token has at least 128 bits (RFC 8555, section 8.1), which are 22 letters; authorities send 43.
    package static let tokenLetters = 22...256
    /// Bytes of a host name (RFC 1035, section 2.3.4), and of one of its labels.
    package static let hostBytes = 253
    package static let labelBytes = 63
    /// What a server says of its mistakes is shown up to this length; it is a stranger's text.
    package static let detailLetters = 300
    /// How long one request may take: authorities under load take ten seconds to issue.
    package static let requestSeconds: Int64 = 30
    /// The pause after a first failure; each further one doubles it, up to the longest. Authorities count failed validations
    /// (Let's Encrypt takes five an hour), and whoever mends a name wants to see it soon.
    package static let firstRetrySeconds: Int64 = 60
    package static let longestRetrySeconds: Int64 = 6 * 3600
    /// The longest pause that an authority may ask for: a certificate has a third of its life left when it is first tried.
    package static let longestAskedRetrySeconds: Int64 = 86_400
    /// The longest time between two looks at what is due, whatever happens to the machine's clock meanwhile.
    package static let longestSleepSeconds: Int64 = 60
    /// Authorizations of one order: one for each name, of which an order of ours has one.
    package static let authorizations = 10
}
