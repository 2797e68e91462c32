import Diagnostics
import Kernel
import VCL

/// What a property of a backend's declaration does with its value: as it is written, and as text.
private typealias BackendProperty =
    @Sendable (
        _ compiler: Compiler, _ written: String, _ text: String, _ span: Span,
        _ backend: inout DeclaredBackend
    ) -> Void

/// A declaration on its way to a backend: what depends on several properties is settled at its end.
private struct DeclaredBackend {
    var backend: Backend
    var tls = BackendTLS()
    var usesTLS = false
    var hasPort = false
    var sendsOwnHost = false
}

extension Compiler {
    func backend(_ name: String, _ properties: [Property], at place: Span) -> Backend {
        var declared = DeclaredBackend(backend: Backend(name: name))
        var probe: [Property]?
        for property in properties {
            let key = text(property.name)
            guard case .expression(let value) = property.value else {
                if key != ".probe" { report("vcl/backend", property.name.span, "'\(key)' takes one value") }
                if case .block(let inner) = property.value, key == ".probe" { probe = inner }
                continue
            }
            let written = text(value.span)
            if let set = Compiler.backendProperties[key] {
                set(self, written, literalText(value) ?? written, value.span, &declared)
            } else if !Compiler.ignoredBackendProperties.contains(key) {
                report(
                    "vcl/backend", property.name.span, "a backend has no property '\(key)'",
                    hint: nearest(key, among: Compiler.backendProperties.keys).map { "did you mean '\($0)'?" }
                )
            }
        }
        return settled(declared, probe, at: place)
    }

    private func settled(_ declared: DeclaredBackend, _ probe: [Property]?, at place: Span) -> Backend {
        var backend = declared.backend
        if declared.sendsOwnHost, backend.hostHeader == nil { backend.hostHeader = backend.host }
        if declared.usesTLS {
            backend.tls = declared.tls
            if !declared.hasPort { backend.port = 443 }
        }
        if backend.host.isEmpty {
            report(
                "vcl/backend", place, "backend '\(backend.name)' has no .host",
                hint: "add .host = \"127.0.0.1\";")
        }
        if (declared.tls.certificate == nil) != (declared.tls.key == nil) {
            report(
                "vcl/backend", place,
                "backend '\(backend.name)' has a certificate or a key without the other",
                hint: "give both .ssl_client_cert and .ssl_client_key")
        }
        backend.healthCheck = probe.flatMap { healthCheck($0, of: backend) }
        return backend
    }

    private static let backendProperties: [String: BackendProperty] = [
        ".host": { $4.backend.host = $2 },
        ".port": { compiler, _, text, span, declared in
            declared.hasPort = true
            declared.backend.port = compiler.number(text, span, 1...65535) ?? declared.backend.port
        },
        ".host_header": { $4.backend.hostHeader = $2 },
        ".always_use_host_header": { if $1 == "true" { $4.sendsOwnHost = true } },
        ".connect_timeout": { $4.backend.connectTimeout = $0.duration($1, $3) },
        ".first_byte_timeout": { $4.backend.firstByteTimeout = $0.duration($1, $3) },
        ".between_bytes_timeout": { $4.backend.betweenBytesTimeout = $0.duration($1, $3) },
        ".fetch_timeout": { $4.backend.fetchTimeout = $0.duration($1, $3) },
        ".keepalive_time": { $4.backend.keepAliveTime = $0.duration($1, $3) },
        ".max_lifetime": { $4.backend.maxLifetime = $0.duration($1, $3) },
        ".max_use": { $4.backend.maxUse = $0.number($1, $3, 0...1_000_000_000) ?? 0 },
        ".max_connections": { $4.backend.maxConnections = $0.number($1, $3, 1...100_000) ?? 200 },
        ".prefer_ipv6": { $4.backend.prefersIPv6 = $1 == "true" },
        ".saintmode_threshold": { $4.backend.saintModeThreshold = $0.number($1, $3, 0...1_000_000) ?? 10 },
        ".ssl": { $4.usesTLS = $1 == "true" },
        ".ssl_check_cert": { compiler, written, _, span, declared in
            declared.tls.checksCertificate = written != "never"
            if written != "never", written != "always" {
                compiler.report("vcl/backend", span, "expected 'always' or 'never', found '\(written)'")
            }
        },
        ".ssl_cert_hostname": { $4.tls.certificateHost = $2.isEmpty ? nil : $2 },
        ".ssl_sni_hostname": { $4.tls.serverName = $2.isEmpty ? nil : $2 },
        ".min_tls_version": { $4.tls.minimum = $0.tlsVersion($2, $3) },
        ".max_tls_version": { $4.tls.maximum = $0.tlsVersion($2, $3) },
        ".ssl_ciphers": { $4.tls.ciphers = $2.isEmpty ? nil : $2 },
        ".ssl_ca_cert": { $4.tls.authorities = $2.isEmpty ? nil : $2 },
        ".ssl_client_cert": { $4.tls.certificate = $2.isEmpty ? nil : $2 },
        ".ssl_client_key": { $4.tls.key = $2.isEmpty ? nil : $2 },
    ]
    /// Fastly writes these into each generated backend; they say nothing to an edge that is one host.
    private static let ignoredBackendProperties: Set<String> = [
        ".dynamic", ".share_key", ".bypass_local_route_table", ".weight", ".is_shield", ".dummy",
    ]

    fileprivate func tlsVersion(_ text: String, _ span: Span) -> BackendTLS.Version? {
        if text.isEmpty { return nil }
        if let version = BackendTLS.Version(rawValue: text) { return version }
        let known = BackendTLS.Version.allCases.map(\.rawValue).joined(separator: ", ")
        report("vcl/backend", span, "no version of TLS is '\(text)'", hint: "choose one of \(known)")
        return nil
    }

    func number(_ text: String, _ span: Span, _ range: ClosedRange<Int>) -> Int? {
        if let value = Int(text), range.contains(value) { return value }
        report(
            "vcl/backend", span,
            "expected a number from \(range.lowerBound) to \(range.upperBound), found '\(text)'")
        return nil
    }

    func duration(_ text: String, _ span: Span) -> Int64 {
        if let value = Literals.rtime(text) { return value }
        report("vcl/backend", span, "expected a time such as 5s, found '\(text)'")
        return 0
    }

    // MARK: directors

    func collectDirector(_ declaration: Declaration, type: Name, own: [Property], members: [[Property]]) {
        let name = text(declaration.name)
        guard isNew(name, declaration.name, in: backendIndex) else { return }
        guard let policy = Director.Policy(rawValue: text(type)) else {
            let known = Director.Policy.allCases.map(\.rawValue)
            return report(
                "vcl/director", type.span, "no director of the type '\(text(type))'",
                hint: "choose one of " + known.joined(separator: ", "))
        }
        var (quorum, seed) = (0, UInt64(0))
        var retries: Int?
        var hashesClient = false
        var shield: String?
        for property in own {
            guard case .expression(let value) = property.value else { continue }
            let written = text(value.span)
            switch text(property.name) {
            case ".quorum": quorum = number(written.replacing("%", with: ""), value.span, 0...100) ?? 0
            case ".retries": retries = number(written, value.span, 0...100)
            case ".key": hashesClient = written == "client"
            case ".seed": seed = UInt64(clamping: number(written, value.span, 0...Int.max) ?? 0)
            case ".shield": shield = literalText(value) ?? written
            default: break
            }
        }
        let found = members.compactMap { member($0) }
        if members.isEmpty, policy != .shield {
            report("vcl/director", declaration.name.span, "director '\(name)' has no backend")
        }
        backendIndex[name] = parts.backends.count + parts.directors.count
        parts.directors.append(
            Director(
                name: name, policy: policy, quorum: quorum, members: found, retries: retries,
                hashesClient: hashesClient, seed: seed, shield: shield))
    }

    /// A member may be a director that stands before this one.
    private func member(_ properties: [Property]) -> Director.Member? {
        var place: Int?
        var (weight, id) = (1, "")
        for property in properties {
            guard case .expression(let value) = property.value else { continue }
            let written = text(value.span)
            switch text(property.name) {
            case ".backend":
                if let known = backendIndex[written] {
                    place = isDeclared(written, at: known) ? known : nil
                } else {
                    _ = assumedBackend(written, value.span)
                }
            case ".weight": weight = number(written, value.span, 1...1000) ?? 1
            case ".id": id = literalText(value) ?? written
            default:
                report(
                    "vcl/director", property.name.span,
                    "a director's member has no property '\(text(property.name))'")
            }
        }
        return place.map { Director.Member(backend: $0, weight: weight, id: id) }
    }

    /// Not one that the service is only taken to have.
    private func isDeclared(_ name: String, at place: Int) -> Bool {
        let director = place - parts.backends.count
        return director < 0
            || parts.directors.indices.contains(director) && parts.directors[director].name == name
    }
}
