package import Kernel

/// What the host knows of a request that the program cannot compute: the connection's metrics, TLS, geography, the
/// service. The host sets it in `Context.facts` before the program runs; every member has a default, so that a host
/// supplies what it has. Members are asked for only when a program reads them, and may be read several times in one
/// request.
package protocol RequestFacts: AnyObject {
    /// What a geographic database says of an address; nil when there is none or it does not know the address.
    func geography(of address: IPAddress) -> GeoRecord?
    var tls: TLSFacts? { get }
    var clientCertificate: CertificateFacts? { get }
    var http: ConnectionFacts? { get }
    /// The client's TCP connection; nil for QUIC and where the host cannot ask.
    var clientSocket: SocketFacts? { get }
    /// The connection on which the backend's response came.
    var backendSocket: SocketFacts? { get }
    var origin: OriginFacts? { get }
    var quic: QUICFacts? { get }
    var bot: BotFacts? { get }
    var place: PlaceFacts? { get }
    var service: ServiceFacts? { get }
    var segment: SegmentFacts? { get }
    /// The request's body as far as it was read, at most `FastlyLimits.readableBody` bytes.
    var requestBody: [UInt8]? { get }
    /// Whether probes say that this backend answers.
    func isHealthy(_ backend: Backend) -> Bool
    /// Connections to the backend at this place of `Program.backends`: all that are open, and those in use.
    func connections(backend: Int) -> (open: Int, used: Int)
}

extension RequestFacts {
    package func geography(of address: IPAddress) -> GeoRecord? { nil }
    package var tls: TLSFacts? { nil }
    package var clientCertificate: CertificateFacts? { nil }
    package var http: ConnectionFacts? { nil }
    package var clientSocket: SocketFacts? { nil }
    package var backendSocket: SocketFacts? { nil }
    package var origin: OriginFacts? { nil }
    package var quic: QUICFacts? { nil }
    package var bot: BotFacts? { nil }
    package var place: PlaceFacts? { nil }
    package var service: ServiceFacts? { nil }
    package var segment: SegmentFacts? { nil }
    package var requestBody: [UInt8]? { nil }
    package func isHealthy(_ backend: Backend) -> Bool { true }
    package func connections(backend: Int) -> (open: Int, used: Int) { (0, 0) }
}

/// A TLS handshake as the server saw it. Lists are as the manual gives them: hexadecimal, or names between colons.
package struct TLSFacts: Sendable {
    package var version = ""
    package var cipher = ""
    package var cipherID: Int64 = 0
    package var serverName = ""
    package var ciphers = ""
    package var cipherNames = ""
    /// SHA-1 in base64: of the raw list, and of the list without the values that RFC 8701 reserves.
    package var ciphersRawSHA = ""
    package var ciphersSHA = ""
    package var extensions = ""
    package var extensionNames = ""
    package var extensionsRawSHA = ""
    package var extensionsSHA = ""
    package var ja3 = ""
    package var ja4 = ""
    package var handshakeBytes: Int64 = 0
    package init() {}
}

/// The certificate with which the client showed who it is.
package struct CertificateFacts: Sendable {
    package enum Verdict: Sendable { case verified, bad, expired, revoked, unknown, unknownAuthority }
    package var subject = ""
    package var issuer = ""
    package var serialNumber = ""
    package var base64 = ""
    /// Nanoseconds since 1970.
    package var notBefore: Int64 = 0
    package var notAfter: Int64 = 0
    package var verdict = Verdict.verified
    package init() {}
}

/// HTTP/2 and HTTP/3.
package struct ConnectionFacts: Sendable {
    /// 1, 2 or 3.
    package var major = 1
    package var streamID: Int64 = 0
    package var isPush = false
    package var fingerprint = ""
    /// Of the names and the order of the request's headers.
    package var headerFingerprint = ""
    package init() {}
}

/// Linux' tcp_info. Times in microseconds, rates in bytes a second.
package struct SocketFacts: Sendable {
    package enum Metric: Int, Sendable, CaseIterable {
        case advmss, bytesAcked, bytesReceived, dataSegsIn, dataSegsOut, deliveryRate, deltaRetrans,
            lastDataSent,
            maxPacingRate, minRTT, notsentBytes, pacingRate, pmtu, rcvMSS, rcvRTT, rcvSpace, rcvSsthresh,
            reordering,
            rtt, rttvar, segsIn, segsOut, sndCwnd, sndMSS, sndSsthresh, totalRetrans
    }

    private var values = [Int64](repeating: 0, count: Metric.allCases.count)
    package var congestionAlgorithm = "cubic"
    package var nextHop = IPAddress.unspecified
    /// The share of packets that were lost, 0 to 1.
    package var packetLoss = 0.0
    /// Bytes a second that the path seems to carry.
    package var bandwidth: Int64 = 0

    package init() {}

    package subscript(metric: Metric) -> Int64 {
        get { values[metric.rawValue] }
        set { values[metric.rawValue] = newValue }
    }
}

/// The connection to the origin besides TCP's own figures.
package struct OriginFacts: Sendable {
    package var address = IPAddress.unspecified
    package var port: Int64 = 0
    package var localAddress = IPAddress.unspecified
    package var localPort: Int64 = 0
    /// The version of TLS, such as TLSv1.3; empty for plain TCP.
    package var tlsVersion = ""
    /// Requests on this connection, this one included.
    package var requests: Int64 = 1
    package var handshakeMilliseconds: Int64 = 0
    package var isShield = false
    package init() {}
}

package struct QUICFacts: Sendable {
    package enum Metric: Int, Sendable, CaseIterable {
        case cwnd, ssthresh, bytesReceived, bytesSent, ackReceived, decryptionFailed, lateAcked, lost,
            received, sent,
            rttLatest, rttMinimum, rttSmoothed, rttVariance
    }

    private var values = [Int64](repeating: 0, count: Metric.allCases.count)

    package init() {}

    package subscript(metric: Metric) -> Int64 {
        get { values[metric.rawValue] }
        set { values[metric.rawValue] = newValue }
    }
}

/// What a bot detection concluded; its presence means that one ran.
package struct BotFacts: Sendable {
    package enum Category: String, Sendable, CaseIterable {
        case accessibility = "ACCESSIBILITY"
        case aiCrawler = "AI-CRAWLER"
        case aiFetcher = "AI-FETCHER"
        case contentFetcher = "CONTENT-FETCHER"
        case monitoring = "MONITORING-AND-SITE-TOOLS"
        case marketing = "ONLINE-MARKETING"
        case pagePreview = "PAGE-PREVIEW"
        case platform = "PLATFORM-INTEGRATIONS"
        case research = "RESEARCH"
        case searchCrawler = "SEARCH-ENGINE-CRAWLER"
        case searchOptimization = "SEARCH-ENGINE-OPTIMIZATION"
        case security = "SECURITY-TOOLS"
        case suspected = "SUSPECTED-BOT"
    }

    /// Nil for a visitor that is no bot.
    package var category: Category?
    package var name = ""
    package var isVerified = false
    package var isFlood = false
    package init() {}
}

/// Where the server stands.
package struct PlaceFacts: Sendable {
    package var datacenter = ""
    package var region = ""
    package var billingRegion = ""
    package init() {}
}

package struct ServiceFacts: Sendable {
    package var id = ""
    package var customerID = ""
    package var version: Int64 = 0
    package var generation: Int64 = 0
    package var isStaging = false
    /// MD5 of the program, hexadecimal.
    package var md5 = ""
    package init() {}
}

/// One request of segmented caching; numbers that do not apply are -1.
package struct SegmentFacts: Sendable {
    package var isInner = false
    package var isOuter = false
    package var isAutopurged = false
    package var isCancelled = false
    package var isCompleted = false
    package var isFailed = false
    package var error = ""
    package var blockNumber: Int64 = -1
    package var blockSize: Int64 = -1
    package var totalBlocks: Int64 = -1
    package var completeLength: Int64 = -1
    package var clientRange: (low: Int64, high: Int64)?
    package var isOpenEnded = false
    package var roundedRange: (low: Int64, high: Int64) = (-1, -1)
    package init() {}
}
