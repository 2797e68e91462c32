/// Bounds of the challenge by which browsers prove work.
package enum ChallengeLimits {
    /// Leading zero bits of the hash when nothing is said: 65,536 tries on average, a quarter of a second on a desk and a second
    /// or two on an old phone, against a microsecond for whoever checks it.
    package static let usualBits = 16
    /// How long a proof is good when nothing is said, in seconds: a visit. It is good for up to twice as long, since proofs are
    /// made for windows of this length.
    package static let usualLifetimeSeconds: Int64 = 30 * 60
    /// A browser may hold proofs of several paths or of former windows; so many are looked at.
    package static let cookies = 4
    /// Digits of a nonce. With the seed in front it fits into one block of SHA-256, which is what the page's script hashes.
    package static let nonceDigits = 20
    /// A flood is over when there was none for so long: one that comes in waves finds the door closed.
    package static let calmSeconds: Int64 = 60
    /// Never challenged: who checks for a certificate whether a domain is ours has no browser (RFC 8555, section 8.3).
    package static let alwaysExempt = ["/.well-known/acme-challenge/"]
}
