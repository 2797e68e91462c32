import ArgumentParser
import Edge
import Foundation
import Kernel
import SocketHandover

/// Where an edge listens, and how; the same for an edge of a campaign and for one alone.
struct ListenerOptions: ParsableArguments {
    @Option(
        name: .customLong("listen"),
        help: ArgumentHelp(
            "Where to listen: ADDRESS:PORT, [IPV6]:PORT or unix:/PATH. May be repeated.", valueName: "place"))
    var plain: [String] = []

    @Option(help: ArgumentHelp("Where to listen for TLS. May be repeated.", valueName: "place"))
    var tlsListen: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The certificate, with those that lead to its issuer behind it, in PEM. May be repeated, each with its --key; the \
            name that a client asks for chooses, the first serves all others.
            """, valueName: "file"), completion: .file(extensions: ["pem", "crt"]))
    var certificate: [String] = []

    @Option(
        help: ArgumentHelp("The key of the certificate, in PEM.", valueName: "file"),
        completion: .file(extensions: ["pem", "key"]))
    var key: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            A folder of certificates: each NAME.pem or NAME.crt, with its key in NAME.key or in the same file. They come behind \
            those of --certificate. May be repeated.
            """, valueName: "dir"), completion: .directory)
    var certificateFolder: [String] = []

    @OptionGroup(title: "Certificates by ACME") var acme: ACMEOptions

    @Flag(
        name: .customLong("redirect-to-https"), help: "Answer requests without TLS with a redirect to https.")
    var redirects = false

    @Option(
        help: ArgumentHelp(
            "The port of https that visitors see, when it is not that of --tls-listen.", valueName: "port"))
    var httpsPort: Int?

    @Option(
        help: ArgumentHelp(
            "Tell browsers to use https alone for so long (Strict-Transport-Security).", valueName: "seconds")
    )
    var hsts: Int?

    @Flag(help: "Connections begin with a header of the PROXY protocol, version 1 or 2.")
    var proxyProtocol = false

    @Option(
        help: ArgumentHelp(
            "Proxies that may speak for others, such as 10.0.0.0/8. May be repeated; all others are turned away.",
            valueName: "range"))
    var trustProxies: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Take over the listeners of the edge that offers them at this path, if one does, and offer ours there: start the \
            new program with the options of the old one, which serves until the new one does, ends what it has begun, and exits.
            """, valueName: "path"), completion: .file())
    var handover: String?

    /// The places without TLS; the usual one when none is given at all.
    private var plainPlaces: [String] {
        plain.isEmpty && tlsListen.isEmpty ? ["127.0.0.1:8080"] : plain
    }

    func validate() throws {
        for (option, places) in [("listen", plainPlaces), ("tls-listen", tlsListen)] {
            for place in places where EdgeListener.Place(place) == nil {
                throw ValidationError(
                    "--\(option) wants an address such as 127.0.0.1:8080 or unix:/run/edge.sock, not '\(place)'"
                )
            }
        }
        if certificate.count != key.count {
            throw ValidationError(
                "each --certificate wants its --key: there are \(certificate.count) and \(key.count)")
        }
        if tlsListen.isEmpty != (certificate.isEmpty && certificateFolder.isEmpty && !acme.isWanted) {
            throw ValidationError(
                "--tls-listen and --certificate with --key, --certificate-folder or --acme belong together")
        }
        if acme.isWanted, plainPlaces.isEmpty {
            throw ValidationError(
                "--acme wants a --listen as well, such as 0.0.0.0:80: the authority looks there, without TLS")
        }
        if redirects, tlsListen.isEmpty, httpsPort == nil, !proxyProtocol {
            throw ValidationError("--redirect-to-https wants --tls-listen, or --https-port")
        }
        if let httpsPort, !(1...65535).contains(httpsPort) {
            throw ValidationError("--https-port wants a number from 1 to 65535, not \(httpsPort)")
        }
        if let hsts, hsts < 0 { throw ValidationError("--hsts wants a number of seconds, not \(hsts)") }
        for range in trustProxies where AddressRange(range) == nil {
            throw ValidationError("--trust-proxies wants a range such as 10.0.0.0/8, not '\(range)'")
        }
        if proxyProtocol, trustProxies.isEmpty,
            (plainPlaces + tlsListen).contains(where: { !$0.hasPrefix("unix:") })
        {
            throw ValidationError("--proxy-protocol wants --trust-proxies: who may speak for others?")
        }
        if !proxyProtocol, !trustProxies.isEmpty {
            throw ValidationError("--trust-proxies says whom to believe with --proxy-protocol")
        }
    }

    /// Their certificates are read; what is odd about one is said. `usually` is where an edge of a campaign hands over,
    /// `folder` where it keeps what authorities issue.
    func opened(
        usually: String? = nil, certificatesIn folder: String? = nil,
        report: @escaping @Sendable (String) -> Void
    ) throws
        -> OpenedListeners
    {
        let files =
            zip(certificate, key).map { CertificateFile(chain: $0, key: $1) }
            + (try certificateFolder.flatMap { try CertificateFile.all(in: $0) })
        let made = try acme.opened(besides: files, usually: folder, report: report)
        let certificates = made.served
        var listeners: [EdgeListener] = []
        for (texts, certificates) in [(tlsListen, certificates), (plainPlaces, nil)] {
            for place in texts.compactMap({ EdgeListener.Place($0) }) {
                var listener = EdgeListener(place)
                listener.certificates = certificates
                listener.hstsSeconds = hsts
                if proxyProtocol { listener.proxies = trustProxies.compactMap { AddressRange($0) } }
                listeners.append(listener)
            }
        }
        return OpenedListeners(
            listeners: listeners, certificates: made, redirects: redirects, port: httpsPort,
            handover: try Succession(at: handover ?? usually))
    }
}

/// What `ListenerOptions` asked for, with certificates read and nothing bound yet.
struct OpenedListeners: Sendable {
    fileprivate let listeners: [EdgeListener]
    let certificates: EdgeCertificates
    fileprivate let redirects: Bool
    fileprivate let port: Int?
    private let succession: Succession

    fileprivate init(
        listeners: [EdgeListener], certificates: EdgeCertificates, redirects: Bool, port: Int?,
        handover: Succession
    ) {
        self.listeners = listeners
        self.certificates = certificates
        self.redirects = redirects
        self.port = port
        succession = handover
    }

    /// Another edge has these addresses still, and waits until we serve.
    var takesOver: Bool { succession.takesOver }

    /// Binds all of them, those with TLS first, whose port the others may have to name. Returns their
    /// addresses for people.
    func start(on server: EdgeServer) async throws -> String {
        do {
            succession.begin(on: server)
            let places = try await bind(on: server)
            try succession.complete(on: server)
            try await server.accept()
            return places
        } catch {
            succession.abandon()
            throw error
        }
    }

    /// Ends it in good order: at once when a successor serves, else as the supervisor's patience allows.
    func stop(_ server: EdgeServer) async {
        let isRetired = succession.end()
        await server.stop(within: isRetired ? EdgeLimits.handoverDrainSeconds : EdgeLimits.drainSeconds)
    }

    private func bind(on server: EdgeServer) async throws -> String {
        var secure: Int?
        var said: [String] = []
        for var listener in listeners {
            // Its sockets share their port with each other, and would with a stranger.
            if case .port(let address) = listener.place, !server.inherits(listener.place) {
                try ListenCheck.require(address, for: "edge", option: "listen")
            }
            if redirects { listener.redirectPort = port ?? secure ?? 443 }
            let place = try await server.bind(listener)
            let isTLS = listener.certificates != nil
            if case .port(let address) = place {
                if isTLS { secure = secure ?? address.port }
                said.append("\(isTLS ? "https" : "http")://\(address)")
            } else {
                said.append("\(place)")
            }
        }
        return said.joined(separator: ", ")
    }

    func reloadCertificates(report: (String) -> Void) { certificates.served?.reload(report: report) }

    /// Reads certificates again when their files change, and has those renewed that authorities issue, until it is cancelled.
    func watchCertificates(report: @escaping @Sendable (String) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [served = certificates.served] in
                await served?.watch(every: EdgeLimits.certificatePoll, report: report)
            }
            group.addTask { [keeper = certificates.keeper] in await keeper?.run() }
        }
    }
}
