/// Bounds of logs and of what an edge remembers of requests, each with its reason. Bounds of one record stand in
/// `RecordLimits`.
package enum LogLimits {
    /// Chunks of records on their way from the loops to the pump, 64 KiB each: a second of 100,000 requests. What comes beyond
    /// them is dropped and counted; memory is worth more than a line.
    package static let waitingChunks = 512
    /// Formatted lines that wait for one destination: a quarter of an hour of 100 requests/s, or the ten seconds that a syslog
    /// server takes to start again at 10,000.
    package static let waitingBytes = 32 << 20
    /// Of them so many go to a destination at once.
    package static let batchBytes = 1 << 20
    /// How often a loop hands over what it has, in ticks of `EdgeLimits.publishMilliseconds`: what is seen live is a fifth of a
    /// second old.
    package static let handOverTicks = 1
    /// How long HTTP destinations wait for more lines before they send: one request a second, not a hundred.
    package static let httpLinger = Duration.seconds(1)
    /// How long one batch may take to send.
    package static let sendSeconds: Int64 = 10
    /// Between the tries of a batch that could not be sent; after the last it is dropped and counted. A receiver that is
    /// started again is back by then.
    package static let retries: [Duration] = [
        .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
    ]
    /// How long the end of an edge waits for lines that were not written yet.
    package static let drain = Duration.seconds(2)
    /// Bytes of a message in a datagram: what syslog receivers take by default (rsyslog, syslog-ng); the rest is cut.
    package static let datagramBytes = 8 * 1024
    /// Destinations of one edge.
    package static let destinations = 32

    // MARK: live

    /// Who follows the live log at once; more is somebody's mistake.
    package static let followers = 16
    /// Lines that wait for one follower, whose terminal may be slow; the rest is dropped, and the follower is told how many.
    package static let followerLines = 2048
    /// How often a follower who gets nothing is told that the line is alive; one that has gone is noticed by it.
    package static let heartbeat = Duration.seconds(2)

    // MARK: samples and the flight recorder

    /// Requests slower than this are kept as samples, when nothing else is said: a visitor notices a second.
    package static let slowMilliseconds = 1000
    /// Answers larger than this are kept as samples, when nothing else is said.
    package static let largeBytes = 10 << 20
    /// Samples kept of each kind, the latest ones.
    package static let samples = 256
    /// Samples that a loop keeps between two ticks, so that an origin that is slow for everybody does not slow the loop too.
    package static let samplesPerTick = 16
    /// Of a sample so much is kept: its head's beginning, without what the program logged.
    package static let sampleBytes = 2048
    /// Requests of one client that the flight recorder holds.
    package static let flightRequests = 16
    /// Bytes of one of them: numbers, and the beginning of its head, which holds the address and mostly the User-Agent.
    package static let flightBytes = 512
    /// Clients that may stand in one place of the recorder's table before the one not seen for longest goes.
    package static let flightWays = 8
    /// Top clients are counted for so long after somebody looked; counting costs each request a little.
    package static let topClientTicks = 50
}
