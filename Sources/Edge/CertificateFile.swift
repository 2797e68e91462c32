import ACME
import Foundation
import Kernel
import NIOSSL

/// A chain of certificates and the key of its first, as two files in PEM.
package struct CertificateFile: Sendable, Hashable {
    package let chain: String
    package let key: String

    package init(chain: String, key: String) {
        self.chain = chain
        self.key = key
    }

    /// What a change of either file changes: a new one has another inode, one that was written over another
    /// time.
    struct Stamp: Hashable { let parts: [Int64] }

    var stamp: Stamp {
        Stamp(
            parts: [chain, key].flatMap { path -> [Int64] in
                guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return [] }
                let numbers = [FileAttributeKey.systemFileNumber, .size].map {
                    (found[$0] as? NSNumber)?.int64Value
                }
                let changed = (found[.modificationDate] as? Date)?.timeIntervalSince1970.bitPattern
                return numbers.map { $0 ?? 0 } + [Int64(bitPattern: changed ?? 0)]
            })
    }
}

/// What was read of such a pair.
struct LoadedCertificate: Sendable {
    let context: NIOSSLContext
    /// Of the first certificate, its DNS names with wildcards as they are.
    let facts: CertificateFacts
    var names: [String] { facts.names }
    let warnings: [String]

    init(_ file: CertificateFile, now: Int) throws {
        let (chainBytes, chain) = try LoadedCertificate.chain(file)
        let key = try LoadedCertificate.key(file)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = EdgeLimits.tlsMinimum
        configuration.cipherSuiteValues = EdgeLimits.tlsCiphers
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.renegotiationSupport = .none
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw LoadedCertificate.mismatch(file)
        }
        // What TLS can use and the stricter reader cannot is served all the same.
        facts =
            CertificateFacts(pem: String(decoding: chainBytes, as: UTF8.self))
            ?? CertificateFacts(
                names: LoadedCertificate.dnsNames(of: chain[0]), issuer: "",
                notBefore: Int64(chain[0].notValidBefore), notAfter: Int64(chain[0].notValidAfter),
                isSelfIssued: false)
        warnings = LoadedCertificate.warnings(of: facts, file, now: now)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw Failure(
                isThere ? .forbidden : .notFound,
                isThere ? "may not read '\(path)'" : "there is no file '\(path)'",
                hint: isThere ? "let the user that runs the edge read it" : nil)
        }
        return [UInt8](data)
    }

    /// Never empty.
    static func chain(_ file: CertificateFile) throws -> (bytes: [UInt8], certificates: [NIOSSLCertificate]) {
        let bytes = try read(file.chain)
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw Failure(
                .invalid, "'\(file.chain)' holds no certificate in PEM",
                hint: "it begins with -----BEGIN CERTIFICATE-----, the server's own certificate first")
        }
        return (bytes, chain)
    }

    static func key(_ file: CertificateFile) throws -> NIOSSLPrivateKey {
        let bytes = try read(file.key)
        // Both forms say it in the open: PKCS #8 in its first line, the older one in a header.
        guard !String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") else {
            throw Failure(
                .invalid, "the key in '\(file.key)' is encrypted",
                hint: "openssl pkey -in \(file.key) -out plain.pem, readable by the edge alone")
        }
        do { return try NIOSSLPrivateKey(bytes: bytes, format: .pem) } catch {
            throw Failure(
                .invalid, "'\(file.key)' holds no private key in PEM",
                hint: "it begins with -----BEGIN PRIVATE KEY-----")
        }
    }

    private static func mismatch(_ file: CertificateFile) -> Failure {
        Failure(
            .invalid, "the key in '\(file.key)' does not fit the certificate in '\(file.chain)'",
            hint: "the chain begins with the certificate that was issued for this key")
    }

    private static func dnsNames(of certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().compactMap { name in
            guard name.nameType == .dnsName else { return nil }
            return name.contents.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }.lowercased()
        }
    }

    private static func warnings(
        of facts: CertificateFacts, _ file: CertificateFile, now: Int
    ) -> [String] {
        var found: [String] = []
        if facts.notAfter < now { found.append("the certificate in '\(file.chain)' has expired") }
        if facts.notBefore > now {
            found.append("the certificate in '\(file.chain)' is not valid yet")
        }
        if facts.names.isEmpty {
            found.append("the certificate in '\(file.chain)' names no host; browsers will refuse it")
        }
        return found
    }
}
