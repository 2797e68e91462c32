import Kernel
import VCL

extension Variables {
    private static let told = Scopes(.recv, .hash, .deliver, .log)

    /// Without TLS, and where the host does not say, texts are empty, numbers 0 and times 1970.
    static let tls: [Variable] = [
        Variable(
            "tls.client.protocol", told, .string { $0.fact($0.facts?.tls?.version) },
            "The version of TLS that the client speaks, such as TLSv1.3; empty without TLS."),
        Variable(
            "tls.client.cipher", told, .string { $0.fact($0.facts?.tls?.cipher) },
            "The cipher suite by OpenSSL's name; empty without TLS."),
        Variable(
            "tls.client.iana_chosen_cipher_id", told, .integer { $0.facts?.tls?.cipherID ?? 0 },
            "The cipher suite's number; 0 without TLS."),
        Variable(
            "tls.client.servername", told, .string { $0.fact($0.facts?.tls?.serverName) },
            "The host name that the client gave in its handshake; empty without TLS."),
        Variable(
            "tls.client.ciphers_list", told, .string { $0.fact($0.facts?.tls?.ciphers) },
            "The cipher suites that the client offered, in hexadecimal."),
        Variable(
            "tls.client.ciphers_list_txt", told, .string { $0.fact($0.facts?.tls?.cipherNames) },
            "The names of the cipher suites that the client offered, between colons."),
        Variable(
            "tls.client.ciphers_list_sha", told, .string { $0.fact($0.facts?.tls?.ciphersRawSHA) },
            "SHA-1 of the list of cipher suites as it came, in base64."),
        Variable(
            "tls.client.ciphers_sha", told, .string { $0.fact($0.facts?.tls?.ciphersSHA) },
            "SHA-1 of the cipher suites' numbers, in base64."),
        Variable(
            "tls.client.tlsexts_list", told, .string { $0.fact($0.facts?.tls?.extensions) },
            "The extensions that the client offered, in hexadecimal."),
        Variable(
            "tls.client.tlsexts_list_txt", told, .string { $0.fact($0.facts?.tls?.extensionNames) },
            "The names of the extensions that the client offered, between colons."),
        Variable(
            "tls.client.tlsexts_list_sha", told, .string { $0.fact($0.facts?.tls?.extensionsRawSHA) },
            "SHA-1 of the list of extensions as it came, in base64."),
        Variable(
            "tls.client.tlsexts_sha", told, .string { $0.fact($0.facts?.tls?.extensionsSHA) },
            "SHA-1 of the extensions' numbers, in base64."),
        Variable(
            "tls.client.ja3_md5", told, .string { $0.fact($0.facts?.tls?.ja3) },
            "The JA3 fingerprint of the client's handshake in hexadecimal."),
        Variable(
            "tls.client.ja4", told, .string { $0.fact($0.facts?.tls?.ja4) },
            "The JA4 fingerprint of the client's handshake."),
        Variable(
            "tls.client.handshake_sent_bytes", told, .integer { $0.facts?.tls?.handshakeBytes ?? 0 },
            "Bytes that the handshake sent to the client; 0 without TLS."),
        Variable(
            "tls.client.certificate.dn", told, .string { $0.fact($0.facts?.clientCertificate?.subject) },
            "The subject of the client's certificate; empty without one."),
        Variable(
            "tls.client.certificate.issuer_dn", told,
            .string { $0.fact($0.facts?.clientCertificate?.issuer) },
            "The issuer of the client's certificate; empty without one."),
        Variable(
            "tls.client.certificate.serial_number", told,
            .string { $0.fact($0.facts?.clientCertificate?.serialNumber) },
            "The serial number of the client's certificate; empty without one."),
        Variable(
            "tls.client.certificate.raw_certificate_b64", told,
            .string { $0.fact($0.facts?.clientCertificate?.base64) },
            "The client's certificate in base64; empty without one."),
        Variable(
            "tls.client.certificate.not_before", told, .time { $0.facts?.clientCertificate?.notBefore ?? 0 },
            "From when on the client's certificate is valid; 1970 without one."),
        Variable(
            "tls.client.certificate.not_after", told, .time { $0.facts?.clientCertificate?.notAfter ?? 0 },
            "Until when the client's certificate is valid; 1970 without one."),
        Variable(
            "tls.client.certificate.is_verified", told,
            .bool { $0.facts?.clientCertificate?.verdict == .verified },
            "Whether the client gave a certificate that was verified."),
        Variable(
            "tls.client.certificate.is_cert_missing", told, .bool { $0.facts?.clientCertificate == nil },
            "Whether the client gave no certificate."),
        Variable(
            "tls.client.certificate.is_cert_bad", told,
            .bool { $0.facts?.clientCertificate?.verdict == .bad },
            "Whether the client's certificate is malformed or wrongly signed."),
        Variable(
            "tls.client.certificate.is_cert_expired", told,
            .bool { $0.facts?.clientCertificate?.verdict == .expired },
            "Whether the client's certificate has expired."),
        Variable(
            "tls.client.certificate.is_cert_revoked", told,
            .bool { $0.facts?.clientCertificate?.verdict == .revoked },
            "Whether the client's certificate was revoked."),
        Variable(
            "tls.client.certificate.is_cert_unknown", told,
            .bool { $0.facts?.clientCertificate?.verdict == .unknown },
            "Whether the client's certificate was refused for another reason."),
        Variable(
            "tls.client.certificate.is_unknown_ca", told,
            .bool { $0.facts?.clientCertificate?.verdict == .unknownAuthority },
            "Whether nobody trusted issued the client's certificate."),
    ]
}
