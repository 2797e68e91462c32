import NIOCore
import NIOSSL
import Synchronization

/// How a scenario's client shakes hands: it trusts anybody, unless told whom to, and notes which certificate it was shown.
final class ClientTLS: Sendable {
    private let name: String?
    /// Sent in the open before the handshake.
    let before: String
    private let context: NIOSSLContext
    private let trustsAnybody: Bool
    private let shown = Mutex<NIOSSLCertificate?>(nil)

    init(
        _ name: String?, protocols: [String] = [], most: TLSVersion? = nil, after before: String = "",
        trust: [NIOSSLCertificate] = []
    ) throws {
        trustsAnybody = trust.isEmpty
        self.before = before
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        if !trust.isEmpty {
            configuration.certificateVerification = .fullVerification
            configuration.trustRoots = .certificates(trust)
        }
        configuration.applicationProtocols = protocols
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = most
        context = try NIOSSLContext(configuration: configuration)
        self.name = name
    }

    /// The DNS names of the certificate that the server showed.
    var names: [String] {
        let names = shown.withLock { $0?._subjectAlternativeNames() }
        return names.map { $0.map { String(decoding: $0.contents, as: UTF8.self) } } ?? []
    }

    func handler() throws -> NIOSSLClientHandler {
        guard trustsAnybody else { return try NIOSSLClientHandler(context: context, serverHostname: name) }
        return try NIOSSLClientHandler(context: context, serverHostname: name) { certificates, promise in
            self.shown.withLock { $0 = certificates.first }
            promise.succeed(.certificateVerified)
        }
    }
}
