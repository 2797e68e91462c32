import NIOCore
import NIOSSL

/// Bounds of the edge, each with its reason. Bounds of a message's head stand in `HTTP1Limits`, of the cache
/// in `CacheLimits`.
package enum EdgeLimits {
    /// VCL's `restart`, as at Fastly: the fourth answers 503.
    package static let restarts = 3
    /// What a kept body takes besides its bytes, counted from the layout of its objects, with the allocator's words: itself 96, the
    /// words of its bytes 16.
    static let bodyOverhead = 112
    /// A buffer's own object.
    static let bufferOverhead = 64
    /// What keeps a body of several parts together: its object 128, two arrays of some elements.
    static let partsOverhead = 400
    /// Bytes up to which a kept body is gathered into one buffer: a write for each of many pieces costs more than a copy once, and
    /// for more the copy would be felt.
    static let gatheredBody = 1024 * 1024
    /// What one read of a client takes. The buffer stays with its connection, also of those that wait for their next request: it
    /// begins with the size of a short head, doubles when a read fills it, and is made small again by short reads.
    static let readBuffer = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 64 * 1024)
    /// Unread input of one connection, after which it is read no further until a request has ended.
    package static let pendingBytes = 128 * 1024
    /// Body bytes on their way between an origin and a client when nothing is kept; the slower side sets the
    /// pace.
    package static let streamWindow = 512 * 1024
    /// Bodies up to this size are copied behind the head and leave in one write; larger ones are shared.
    package static let copiedBody = 32 * 1024
    /// How long a client may take to send a head, and to begin the next request.
    package static let clientIdleSeconds: Int64 = 60
    /// How long requests under way may take to end when the edge shall stop; `hq up` waits two seconds
    /// longer.
    package static let drainSeconds: Int64 = 8
    /// The same when another process has taken over the listeners: nobody waits for this one, so that long downloads
    /// may end.
    package static let handoverDrainSeconds: Int64 = 600
    /// How long a connection without a request stays open then: who sends one meanwhile gets its answer and is told that
    /// it is the last; a close at once would meet requests that are on their way.
    package static let quietSeconds: Int64 = 1
    /// Contexts that a loop keeps for the next requests; more are made under load and dropped after it.
    package static let keptContexts = 256
    /// How long a response that must not be cached lets requests for its address go to the origin side by
    /// side.
    package static let hitForPassSeconds: Int64 = 120

    // MARK: TLS and what comes before a request

    /// How long a client may take for its TLS handshake, and a proxy for its header: slow phones need two
    /// seconds.
    static let handshakeSeconds: Int64 = 10
    /// How often the files of certificates are looked at; a change counts from the second look on.
    package static let certificatePoll = Duration.seconds(3)
    /// Browsers dropped what is older in 2020.
    static let tlsMinimum = TLSVersion.tlsv12
    /// For TLS 1.2: forward secrecy and an authenticated cipher, as Mozilla's intermediate profile. Those of
    /// TLS 1.3 are fixed in BoringSSL, and all good.
    static let tlsCiphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
    /// OpenSSL's names for what a connection can end up with, by IANA's numbers.
    static let tlsCipherNames: [UInt16: String] = [
        0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384",
        0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
        0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
        0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305", 0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    ]

    // MARK: segments

    /// Bytes of a segment where the program names no other number: Fastly's.
    package static let segmentBytes: Int64 = 1 << 20
    /// Smaller segments cost the origin a request for less than a socket's buffer.
    package static let leastSegmentBytes: Int64 = 64 * 1024
    /// A larger one is too large a share of a cache's shard, and late to arrive for who wants its last byte.
    package static let mostSegmentBytes: Int64 = 16 << 20

    // MARK: content codings

    /// Threads that compress, of the process: half of a small machine, so that the loops always find a core.
    package static let coderThreads = 2
    /// Bodies that are compressed or decompressed at once; each takes some hundred KiB meanwhile. What comes on top goes out as
    /// it is.
    package static let recodings = 128
    /// Pieces up to this size are compressed on the loop: the way to a thread and back costs more than the half millisecond.
    package static let codedOnLoop = 8 * 1024
    /// What one body may take of a loop in all.
    package static let codedOnLoopInAll = 32 * 1024

    // MARK: what an edge says of itself

    /// How often a loop shows its counters to other threads; a sample is taken every second.
    package static let publishMilliseconds: Int64 = 200
    /// Top paths are sorted out once a second, when somebody may ask for them.
    package static let topPathTicks = 5
    /// Counts of top paths lie in windows of eight seconds each, eight of which are the last minute or so.
    package static let topPathWindows = 8
    package static let topPathWindowTicks = 40
    /// Places for top paths on each loop, 128 times 8: what is a five-hundredth of the traffic is found among
    /// any number of others (measured), in 250 KiB.
    package static let topPathSets = 128
    package static let topPathWays = 8
    /// Bytes of a host and of a path that are kept for people to read; what is longer is cut.
    package static let topPathHostBytes = 64
    package static let topPathPathBytes = 128
    /// Top paths that a loop shows: more than are told, since those of all loops are added up.
    package static let topPathsOfLoop = 50
    /// Top paths told, as many as a screen shows.
    package static let topPaths = 20
    /// Backends counted on each loop, by name and address; programs come and go with theirs for as long as an
    /// edge runs.
    package static let countedBackends = 256

    // MARK: trials

    /// Snapshots that were in effect of late and can be tried: more changes than people make while they watch
    /// one.
    package static let keptSnapshots = 16
    /// Requests that failed, kept by each loop for a trial.
    package static let failedRequests = 32
    /// Of them those of one path, so that a page that always fails does not push out what fails since a
    /// change.
    package static let failedPerPath = 4
    /// A larger head is not kept; few browsers send one of half that size.
    package static let failedHeadBytes = 8 * 1024
    /// Requests that one trial tries: enough to tell a change from chance, few enough for an origin in
    /// trouble.
    package static let trialRequests = 24
    /// Tries on their way at once, so that a trial takes a small part of a backend's connections.
    package static let triesAtOnce = 8
    /// What has not answered by then has failed. A person looks at the page meanwhile.
    package static let trialSeconds: Int64 = 10
    /// Failed paths that a trial names.
    package static let trialExamples = 5

    /// Seconds after which clients shall come again (`Retry-After`) that get nothing because only the cache is served: soon
    /// enough to see the end of it, late enough that those who try by themselves are no second flood.
    static let shedRetrySeconds: Int64 = 30
}
