import HTTP1
import Kernel
import Testing

@testable import VCLRuntime

/// What the `with` lines of the case files mean: things that a host tells the runtime before the program runs.
enum CaseWorld {
    static func prepare(_ context: Context, _ names: [String]) {
        for name in names {
            guard let setting = settings[name] else {
                Issue.record("no setting '\(name)' for a with line")
                continue
            }
            setting(context)
        }
    }

    private static let settings: [String: @Sendable (Context) -> Void] = [
        "facts": { $0.facts = SampleFacts() },
        "http2": { $0.facts = SampleFacts(major: 2) },
        "http3": { $0.facts = SampleFacts(major: 3) },
        "sick": { $0.facts = SampleFacts(healthy: false) },
        "tls": { $0.isTLS = true },
        "ipv6": { $0.clientAddress = IPAddress("2001:4860::9")! },
        "public": { $0.clientAddress = IPAddress("81.2.69.142")! },
        "purge": { $0.isPurge = true },
        "background": { $0.isBackgroundFetch = true },
        "http1.0": { $0.req.minor = 0 },
        "restarted": { $0.restarts = 2 },
        "included": {
            $0.extras.esiLevel = 1
            $0.extras.topURL = Bytes("/page")
        },
        "url": {
            $0.req.target = Bytes("/a/b.html?x=1&y=2")
            $0.bereq.target = Bytes("/a/b.html?x=1&y=2")
        },
        "hashed": { $0.hashKey = Bytes("abc") },
        "served": { $0.servedBy = 1 },
        "stale": {
            $0.staleExists = true
            $0.respIsStale = true
        },
        "failed": {
            $0.respIsStale = true
            $0.respIsStaleError = true
        },
        "aged": {
            $0.objectAge = 90_000_000_000
            $0.objectHits = 3
            $0.objectLastUse = 5_000_000_000
            $0.objectLifetime.ttl = 30_000_000_000
            $0.objectLifetime.grace = 60_000_000_000
            $0.objectLifetime.staleWhileRevalidate = 70_000_000_000
            $0.objectLifetime.staleIfError = 80_000_000_000
        },
        "fresh": {
            $0.lifetime.ttl = 3_600_000_000_000
            $0.lifetime.staleWhileRevalidate = 70_000_000_000
            $0.lifetime.staleIfError = 80_000_000_000
        },
        "later": {
            $0.startTime = BuiltinCases.now + 7_008_000
            $0.now = $0.startTime + 1_234_567_000
            $0.deliveryTime = $0.startTime + 1_200_000_000
        },
        "sent": {
            $0.traffic.requestHead = 100
            $0.traffic.requestBody = 20
            $0.traffic.backendHead = 300
            $0.traffic.backendBody = 40
            $0.traffic.responseHead = 500
            $0.bodyBytesWritten = 60
        },
        "cut": { $0.traffic.isCut = true },
        "server": {
            $0.serverIdentity = Bytes("edge-1")
            $0.serverAddress = IPAddress("198.51.100.7")!
            $0.serverPort = 8443
        },
        "connection": {
            $0.clientPort = 4711
            $0.requestNumber = 5
            $0.requestID = 84
        },
        "reason": {
            $0.beresp.reason = Bytes("OK")
            $0.obj.reason = Bytes("OK")
            $0.resp.reason = Bytes("OK")
        },
        "hit": { $0.state = .hit },
        "error": {
            $0.state = .error
            $0.obj.status = 503
        },
        "synthetic": { $0.state = .error },
        "headers": {
            for (name, value) in [("X-One", "1"), ("X-Two", "2"), ("x-one", "again"), ("Via", "a")] {
                let field = HeaderField(name: $0.arena.copy(name), value: $0.arena.copy(value))
                $0.req.headers.append(field)
                $0.bereq.headers.append(field)
                $0.beresp.headers.append(field)
                $0.obj.headers.append(field)
                $0.resp.headers.append(field)
            }
        },
    ]
}

/// A host that knows everything. Figures count up from a base, so that each differs from its neighbours.
final class SampleFacts: RequestFacts {
    private let major: Int
    private let healthy: Bool

    init(major: Int = 1, healthy: Bool = true) {
        self.major = major
        self.healthy = healthy
    }

    func geography(of address: IPAddress) -> GeoRecord? {
        var record = GeoRecord()
        if address == IPAddress("81.2.69.142") || !address.isIPv4 {
            record.city = "Zürich"
            record.continentCode = "EU"
            record.countryCode = "CH"
            record.countryName = "Schweiz – Łódź"
            record.region = "ZH"
            record.postalCode = "8001"
            record.latitude = 47.3667
            record.longitude = 8.55
            record.metroCode = 12
            record.areaCode = 44
            record.utcOffset = 100
            record.connectionSpeed = "broadband"
            record.connectionType = "wired"
            record.proxyType = "hosting"
            record.proxyDescription = "vpn"
            record.networkNumber = 64500
            record.networkName = "Example Net"
            return record
        }
        record.countryCode = "GB"
        return address == IPAddress("81.2.69.160") ? record : nil
    }

    var tls: TLSFacts? {
        var facts = TLSFacts()
        facts.version = "TLSv1.3"
        facts.cipher = "TLS_AES_128_GCM_SHA256"
        facts.cipherID = 4865
        facts.serverName = "example.com"
        facts.ciphers = "13011302"
        facts.cipherNames = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
        facts.ciphersRawSHA = "raw="
        facts.ciphersSHA = "cs="
        facts.extensions = "0000000B"
        facts.extensionNames = "server_name:ec_point_formats"
        facts.extensionsRawSHA = "rawx="
        facts.extensionsSHA = "xs="
        facts.ja3 = "582a3b42ab84f78a5b376b1e29d6d367"
        facts.ja4 = "t13d1516h2_8daaf6152771_b186095e22b6"
        facts.handshakeBytes = 4759
        return facts
    }

    var clientCertificate: CertificateFacts? {
        var facts = CertificateFacts()
        facts.subject = "CN=Ann"
        facts.issuer = "CN=Campaign CA"
        facts.serialNumber = "0A"
        facts.base64 = "MIIB"
        facts.notBefore = BuiltinCases.now
        facts.notAfter = BuiltinCases.now + 86_400_000_000_000
        return facts
    }

    var http: ConnectionFacts? {
        var facts = ConnectionFacts()
        facts.major = major
        facts.streamID = major == 2 ? 7 : 0
        facts.isPush = major == 2
        facts.fingerprint = major == 2 ? "1:0|m,s,p,a" : ""
        facts.headerFingerprint = "hosting"
        return facts
    }

    private func socket(_ base: Int64) -> SocketFacts {
        var facts = SocketFacts()
        for metric in SocketFacts.Metric.allCases { facts[metric] = base + Int64(metric.rawValue) }
        facts.congestionAlgorithm = "bbr"
        facts.nextHop = IPAddress("198.51.100.1")!
        facts.packetLoss = 0.25
        facts.bandwidth = 1_000_000
        return facts
    }

    var clientSocket: SocketFacts? { socket(100) }
    var backendSocket: SocketFacts? { socket(500) }

    var origin: OriginFacts? {
        var facts = OriginFacts()
        facts.address = IPAddress("198.51.100.20")!
        facts.port = 8080
        facts.localAddress = IPAddress("198.51.100.7")!
        facts.localPort = 40000
        facts.tlsVersion = "TLSv1.2"
        facts.requests = 9
        facts.handshakeMilliseconds = 12
        facts.isShield = true
        return facts
    }

    var quic: QUICFacts? {
        guard major == 3 else { return nil }
        var facts = QUICFacts()
        for metric in QUICFacts.Metric.allCases { facts[metric] = 200 + Int64(metric.rawValue) }
        return facts
    }

    var bot: BotFacts? {
        var facts = BotFacts()
        facts.category = major == 2 ? .aiCrawler : .searchCrawler
        facts.name = "Googlebot"
        facts.isVerified = true
        facts.isFlood = true
        return facts
    }

    var place: PlaceFacts? {
        var facts = PlaceFacts()
        facts.datacenter = "ZRH"
        facts.region = "EU-Central"
        facts.billingRegion = "Europe"
        return facts
    }

    var service: ServiceFacts? {
        var facts = ServiceFacts()
        facts.id = "svc"
        facts.customerID = "cust"
        facts.version = 12
        facts.generation = 34
        facts.isStaging = true
        facts.md5 = "d41d8cd98f00b204e9800998ecf8427e"
        return facts
    }

    var segment: SegmentFacts? {
        var facts = SegmentFacts()
        (facts.isInner, facts.isOuter, facts.isAutopurged, facts.isCancelled) = (true, true, true, true)
        (facts.isCompleted, facts.isFailed, facts.isOpenEnded) = (true, true, true)
        facts.error = "origin said 200"
        facts.blockNumber = 2
        facts.blockSize = 1_048_576
        facts.totalBlocks = 5
        facts.completeLength = 5_000_000
        facts.clientRange = (10, 20)
        facts.roundedRange = (0, 1_048_575)
        return facts
    }

    var requestBody: [UInt8]? { Array("a=1&b\u{0}c".utf8) }

    func isHealthy(_ backend: Backend) -> Bool { healthy }

    func connections(backend: Int) -> (open: Int, used: Int) { (10 + backend, 4 + backend) }
}
