import Foundation
import Kernel
import NIOCore
import NIOSSL
import NIOTLS
import RequestFlow
import VCLRuntime

/// TLS towards backends: what a declaration says becomes a context of BoringSSL, once for all that say the same.
final class OriginTLS: Sendable {
    private let contexts = Guarded<[BackendTLS: NIOSSLContext]>([:])

    /// The handler for a connection to `backend`. Throws when the declaration's certificates or ciphers cannot be read.
    func handler(_ tls: BackendTLS, host: String) throws -> NIOSSLClientHandler {
        let name = tls.serverName ?? tls.certificateHost ?? host
        // RFC 6066, section 3: the name that is asked for is no address.
        return try NIOSSLClientHandler(
            context: context(tls), serverHostname: IPAddress(name) == nil ? name : nil)
    }

    private func context(_ tls: BackendTLS) throws -> NIOSSLContext {
        if let known = contexts.withLock({ $0[tls] }) { return known }
        let made = try NIOSSLContext(configuration: OriginTLS.configuration(tls))
        contexts.withLock { contexts in
            if contexts.count >= OriginLimits.tlsContexts { contexts.removeAll() }
            contexts[tls] = made
        }
        return made
    }

    private static func configuration(_ tls: BackendTLS) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // The name is ours to check: it need not be the one that was asked for.
        configuration.certificateVerification = tls.checksCertificate ? .noHostnameVerification : .none
        configuration.minimumTLSVersion = version(tls.minimum) ?? EdgeLimits.tlsMinimum
        if let most = version(tls.maximum) {
            configuration.maximumTLSVersion = most
            if tls.minimum == nil, tls.maximum == .tls10 || tls.maximum == .tls11 {
                configuration.minimumTLSVersion = most
            }
        }
        if let ciphers = tls.ciphers { configuration.cipherSuites = ciphers }
        if let authorities = tls.authorities {
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)))
        }
        if let certificate = tls.certificate, let key = tls.key {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        }
        configuration.applicationProtocols = ["http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }

    private static func version(_ version: BackendTLS.Version?) -> TLSVersion? {
        switch version {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        case nil: nil
        }
    }
}

/// Waits for the end of a handshake and checks for whom the certificate is. Confined to its loop.
final class OriginHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// Nil for one who takes any certificate.
    private let expected: String?
    private var done: ((OriginError?) -> Void)?

    /// `done` is called once, on the channel's loop, with nil for a good end.
    init(_ tls: BackendTLS, host: String, _ done: @escaping (OriginError?) -> Void) {
        expected = tls.checksCertificate ? tls.certificateHost ?? tls.serverName ?? host : nil
        self.done = done
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        defer { context.pipeline.syncOperations.removeHandler(self, promise: nil) }
        guard let expected else { return end(nil) }
        let certificate = (try? context.pipeline.syncOperations.nioSSL_peerCertificate()) ?? nil
        let isTheirs = certificate.map { CertificateName.matches(expected, $0) } ?? false
        end(isTheirs ? nil : .wrongCertificateName)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard done != nil else { return context.fireErrorCaught(error) }
        let certificate = (try? context.pipeline.syncOperations.nioSSL_peerCertificate()) ?? nil
        let isVerdict = String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
        let hasExpired = certificate.map { $0.notValidAfter < Int(wallClock() / 1_000_000_000) } ?? false
        end(!isVerdict ? .handshake : hasExpired ? .expiredCertificate : .untrustedCertificate)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.handshake)
        context.fireChannelInactive()
    }

    private func end(_ error: OriginError?) {
        let done = done
        self.done = nil
        done?(error)
    }
}

/// For whom a certificate is (RFC 9525): its alternative names alone count.
enum CertificateName {
    static func matches(_ host: String, _ certificate: NIOSSLCertificate) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            switch name.nameType {
            case .dnsName: matches(host, dns: String(decoding: name.contents, as: UTF8.self))
            case .ipAddress: matches(host, address: Array(name.contents))
            default: false
            }
        }
    }

    /// A wildcard is a whole label, the first, and stands for one (RFC 9525, section 6.3).
    static func matches(_ host: String, dns pattern: String) -> Bool {
        guard IPAddress(host) == nil else { return false }
        let name = labels(host)
        let wanted = labels(pattern)
        guard name.count == wanted.count, !name.contains("") else { return false }
        if name == wanted { return true }
        return wanted.first == "*" && wanted.count > 2 && name.dropFirst() == wanted.dropFirst()
    }

    static func matches(_ host: String, address: [UInt8]) -> Bool {
        guard let wanted = IPAddress(host) else { return false }
        let octets =
            (0..<8).map { UInt8(truncatingIfNeeded: wanted.high >> (56 - UInt64($0) * 8)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: wanted.low >> (56 - UInt64($0) * 8)) }
        return wanted.isIPv4 ? octets.suffix(4) == address[...] : octets == address
    }

    private static func labels(_ name: String) -> [Substring] {
        let lower = name.lowercased()
        let whole = lower.hasSuffix(".") ? lower.dropLast() : lower[...]
        return whole.split(separator: ".", omittingEmptySubsequences: false)
    }
}
