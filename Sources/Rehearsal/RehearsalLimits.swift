/// Bounds of a rehearsal, each with its reason.
package enum RehearsalLimits {
    /// The longest latency that is told from longer ones, in microseconds: an hour. No request waits so long.
    package static let longestMicroseconds = 3_600_000_000
    /// Distinct paths; the request of each is made once and kept, some 200 bytes.
    package static let paths = 100_000
    /// Of one path: what the edge itself takes as a target.
    package static let pathBytes = 8 * 1024
    /// Bytes of a list or a log that is read: a day of a busy site.
    package static let logBytes = 2 << 30
    /// Requests a second that may be wanted: ten times what two cores can send.
    package static let rate = 1_000_000.0
    /// How long a rehearsal may last. What is kept for each second takes some 100 bytes.
    package static let longest = Duration.seconds(24 * 3600)
    /// Connections that may be open at once, all loops together; a client's address has some 28,000 ports.
    package static let connections = 20_000
    /// Requests that are due and have no connection yet, on each loop. What comes on top is given up and counted: a
    /// generator with a second's backlog at its highest rate measures itself.
    package static let backlog = 50_000
    /// Requests are sent so much late at most for the sake of sending several on one turn of the loop. It counts as
    /// latency.
    package static let coalesceNanoseconds: Int64 = 100_000
    /// How often requests that take too long are looked for.
    package static let sweepMilliseconds: Int64 = 100
    /// How often a host must confirm again that it may be loaded: who takes the token away ends the rehearsal within
    /// this time.
    package static let confirmSeconds = 20
    /// A confirmation's answer; it is one line.
    package static let confirmationBytes = 1024
    /// Bars of a sparkline: what stands beside a word on a screen of 80 columns.
    package static let sparkBars = 56
    /// Bytes of random data in a token, as ACME has (RFC 8555, section 8.1 asks for 128 bits).
    package static let tokenBytes = 16
    /// Requests at once when the cache is warmed before the start: a browser's worth, times four.
    package static let warmingAtOnce = 24
    /// Of what others are told. Stretches of a picture: a screen shows no more of them.
    package static let points = 300
    /// What was done meanwhile: a rehearsal has a handful of events, and the latest say how it stands.
    package static let events = 50
    /// Rows of each of its small tables; the longest has five.
    package static let rows = 20
    /// Bytes of a text in it: a target is a scheme, a host (253 bytes at most) and a port, a finding a sentence or two.
    package static let wordBytes = 500
    /// Cores: more than any machine has.
    package static let cores = 10_000.0
    /// The highest count: a day at the highest rate is a tenth of it.
    package static let highestCount = 1_000_000_000_000
    /// The year 9999.
    package static let latestMilliseconds: Int64 = 253_402_300_799_000
}
