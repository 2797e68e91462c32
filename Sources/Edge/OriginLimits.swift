/// Bounds of what lies between the edge and its backends, each with its reason. What a program says about a backend goes over
/// them where both speak.
enum OriginLimits {
    /// Requests of one loop that wait for a connection to one backend that has all of its connections in use.
    static let waitingForBackend = 2000
    /// Idle connections to one backend, on each loop.
    static let idleConnections = 64
    /// How long a connection to a backend may idle before we close it; below the 60 s that most servers wait. `.keepalive_time`
    /// goes over it.
    static let idleSeconds: Int64 = 50
    /// Heads that a backend may send before its answer; servers send one or two.
    static let interimResponses = 16

    // MARK: names and addresses

    /// How long a name's addresses count as fresh. The system's resolver does not say how long they may be used; this is what
    /// operators who switch over by DNS set, and one question for each name in that time is no load.
    static let addressSeconds: Int64 = 30
    /// How soon a look-up that found nothing is tried again; requests until then use what was known, or fail at once.
    static let failedLookupSeconds: Int64 = 1
    /// Names remembered; programs have tens of backends, and forget theirs as they come and go.
    static let names = 1024
    /// Addresses tried for one connection; each further one is 250 ms away, so that no connect timeout reaches more.
    static let addresses = 16
    /// How long an address that could not be connected to is tried after the others of its name.
    static let failedAddressSeconds: Int64 = 60
    /// Addresses remembered as failed.
    static let failedAddresses = 1024
    /// RFC 8305, section 5: the recommended delay between two attempts.
    static let attemptDelayMilliseconds: Int64 = 250

    // MARK: TLS

    /// Kinds of TLS (authorities, certificates, versions) whose settings are kept ready; a program seldom has more than one.
    static let tlsContexts = 64

    // MARK: shields

    /// How long a shield may take to begin its answer: it waits for the origin, with that one's own times, and may ask twice.
    static let shieldFirstByteSeconds: Int64 = 60
    /// Edges that a request may come through; two are usual, what claims more is made up.
    static let edgesInARow = 8

    // MARK: saint mode

    /// Objects that keep away from a backend; when there are more, those whose time is over soonest go.
    static let saintlyObjects = 4096

    // MARK: request bodies

    /// Bytes of a request's body that are kept for another fetch of the same request (`restart`); a form is smaller, an upload
    /// is not worth a second copy.
    static let replayedBody = 64 * 1024
    /// How long a body may take to begin, and how much a second it must bring then, on average: a telephone on a bad day sends
    /// ten times as much. Waiting for a slow backend does not count.
    static let uploadSeconds: Int64 = 20
    static let uploadBytesPerSecond: Int64 = 500
    /// How long the edge reads on behind its last answer, so that a client that is still sending gets to see it, and how much: what
    /// TCP had under way, and no upload.
    static let lingerSeconds: Int64 = 5
    static let lingerBytes = 1024 * 1024

    // MARK: tunnels

    /// How long a WebSocket may be silent in both directions; browsers' libraries and servers send pings every 20 to 60 s.
    static let tunnelIdleSeconds: Int64 = 300
    /// WebSockets on each loop. Each takes two sockets and some 10 KiB.
    static let tunnels = 10_000
}
