import Diagnostics
import Kernel
import VCL

extension Expansion {
    /// What stands before the main file.
    func declarations() -> [SourceFile] {
        var sources = service.backends.map { source("backend", $0.name, backend($0)) }
        sources += service.directors.map { source("director", $0.name, director($0)) }
        sources += balancers.map { source("director", $0.name, $0.declaration) }
        sources += shields.map { shield in
            source("shield", shield, "director \(shield) shield { .shield = \"\(shield)\"; }\n")
        }
        sources += service.acls.map { source("acl", $0.name, acl($0)) }
        sources += service.dictionaries.map { source("dictionary", $0.name, dictionary($0)) }
        sources += service.rateLimiters.map { source("rate limiter", $0.name, rateLimiter($0)) }
        return sources + snippets(.`init`)
    }

    private func source(_ what: String, _ name: String, _ text: String) -> SourceFile {
        SourceFile(name: "\(what) \"\(name)\"", text: text)
    }

    // MARK: backends

    static func name(ofBackend name: String) -> String { "F_" + VCLText.identifier(name) }

    private func backend(_ backend: FastlyService.Backend) -> String {
        var lines: [String] = [
            ".host = \(VCLText.short(backend.address));", ".port = \"\(backend.port)\";",
            ".connect_timeout = \(seconds(backend.connectTimeout));",
            ".first_byte_timeout = \(seconds(backend.firstByteTimeout));",
            ".between_bytes_timeout = \(seconds(backend.betweenBytesTimeout));",
            ".max_connections = \(backend.maxConnections);", ".dynamic = true;",
        ]
        if !backend.overrideHost.isEmpty {
            lines.append(".host_header = \(VCLText.short(backend.overrideHost));")
            lines.append(".always_use_host_header = true;")
        }
        if !backend.shareKey.isEmpty { lines.append(".share_key = \(VCLText.short(backend.shareKey));") }
        if backend.prefersIPv6 { lines.append(".prefer_ipv6 = true;") }
        if backend.keepAliveTime > 0 { lines.append(".keepalive_time = \(backend.keepAliveTime)s;") }
        if backend.usesTLS { lines += tls(backend) }
        if let check = service.healthChecks.first(where: { $0.name == backend.healthCheck }) {
            lines.append(probe(check))
        }
        let body = lines.map { "  \($0)\n" }.joined()
        return "backend \(Expansion.name(ofBackend: backend.name)) {\n\(body)}\n"
    }

    private func tls(_ backend: FastlyService.Backend) -> [String] {
        let texts: [(property: String, value: String)] = [
            ("ssl_cert_hostname", backend.certificateHost), ("ssl_sni_hostname", backend.sniHost),
            ("min_tls_version", backend.minTLSVersion), ("max_tls_version", backend.maxTLSVersion),
            ("ssl_ciphers", backend.ciphers), ("ssl_ca_cert", backend.caCertificate),
            ("ssl_client_cert", backend.clientCertificate), ("ssl_client_key", backend.clientKey),
        ]
        return [".ssl = true;", ".ssl_check_cert = \(backend.checksCertificate ? "always" : "never");"]
            + texts.filter { !$0.value.isEmpty }.map { ".\($0.property) = \(VCLText.string($0.value));" }
    }

    private func probe(_ check: FastlyService.HealthCheck) -> String {
        let request =
            ["\(check.method) \(check.path) HTTP/\(check.httpVersion)", "Host: \(check.host)"]
            + check.headers + ["Connection: close"]
        return """
            .probe = {
                .request = \(request.map { VCLText.short($0) }.joined(separator: " "));
                .expected_response = \(check.expectedResponse);
                .interval = \(seconds(check.interval));
                .timeout = \(seconds(check.timeout));
                .initial = \(check.initial);
                .threshold = \(check.threshold);
                .window = \(check.window);
              }
            """
    }

    /// Milliseconds as VCL writes them.
    private func seconds(_ milliseconds: Int) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    // MARK: directors

    private func director(_ director: FastlyService.Director) -> String {
        let policy: String
        switch director.kind {
        case .random, .roundRobin: policy = "random"
        case .hash: policy = "hash"
        case .client: policy = "client"
        }
        let members = service.backends.filter { director.backends.contains($0.name) }
        return declaration(
            VCLText.identifier(director.name), policy,
            ".quorum = \(director.quorum)%;\n"
                + (policy == "random" ? "  .retries = \(director.retries);\n" : ""),
            members)
    }

    private func declaration(
        _ name: String, _ policy: String, _ properties: String, _ members: [FastlyService.Backend]
    ) -> String {
        let list = members.map {
            "  { .backend = \(Expansion.name(ofBackend: $0.name)); .weight = \(max(1, $0.weight)); }\n"
        }
        return "director \(name) \(policy) {\n  \(properties)\(list.joined())}\n"
    }

    /// Backends that share the load under one condition, as a director that Fastly makes by itself.
    struct Balancer {
        let name: String
        let condition: String
        let members: [String]
        let declaration: String
    }

    var balancers: [Balancer] {
        let sharing = service.backends.filter(\.balances)
        var conditions: [String] = []
        for backend in sharing where !conditions.contains(backend.requestCondition) {
            conditions.append(backend.requestCondition)
        }
        return conditions.compactMap { condition in
            let members = sharing.filter { $0.requestCondition == condition }
            guard members.count > 1 else { return nil }
            let name = "autodirector_" + VCLText.identifier(condition)
            return Balancer(
                name: name, condition: condition, members: members.map(\.name),
                declaration: declaration(name, "random", ".quorum = 1%;\n", members))
        }
    }

    // MARK: shields

    /// The director by which a backend's requests go through its shield.
    static func shieldName(_ backend: FastlyService.Backend) -> String {
        (backend.usesTLS ? "ssl_shield_" : "shield_") + VCLText.identifier(backend.shield)
    }

    var shields: [String] {
        Set(service.backends.filter { !$0.shield.isEmpty }.map { Expansion.shieldName($0) }).sorted()
    }

    // MARK: data

    private func acl(_ acl: FastlyService.ACL) -> String {
        let lines = acl.entries.map { entry in
            let bits = entry.subnet.map { "/\($0)" } ?? ""
            let comment = entry.comment.isEmpty ? "" : "  # " + VCLText.comment(entry.comment)
            return "  \(entry.isNegated ? "!" : "")\(VCLText.short(entry.address))\(bits);\(comment)\n"
        }
        return "acl \(VCLText.identifier(acl.name)) {\n\(lines.joined())}\n"
    }

    private func dictionary(_ dictionary: FastlyService.Dictionary) -> String {
        let lines = dictionary.items.map { "  \(VCLText.short($0.key)): \(VCLText.short($0.value)),\n" }
        return "table \(VCLText.identifier(dictionary.name)) {\n\(lines.joined())}\n"
    }

    // MARK: rate limiters

    static func name(ofLimiter name: String) -> String { "rl_" + VCLText.identifier(name) }

    private func rateLimiter(_ limiter: FastlyService.RateLimiter) -> String {
        let name = Expansion.name(ofLimiter: limiter.name)
        var tests = ["req.restarts == 0", "fastly.ff.visits_this_service == 0"]
        if !limiter.methods.isEmpty {
            tests.append("req.method ~ \"^(\(limiter.methods.joined(separator: "|")))$\"")
        }
        if !limiter.uriDictionary.isEmpty {
            tests.append("table.contains(\(VCLText.identifier(limiter.uriDictionary)), req.url.path)")
        }
        let key =
            limiter.clientKey.isEmpty ? "req.http.Fastly-Client-IP" : limiter.clientKey.joined(separator: " ")
        return """
            penaltybox \(name)_pb { }
            ratecounter \(name)_rc { }

            sub \(name)_process {
              declare local var.entry STRING;
              set var.entry = \(key);
              if (\(tests.joined(separator: " && "))) {
                if (ratelimit.check_rate(var.entry, \(name)_rc, 1, \(limiter.window), \(limiter.limit),
                    \(name)_pb, \(limiter.penalty)m)) {
                  set req.http.Fastly-SEC-RateLimit = "true";
                  \(refusal(limiter))
                }
              }
            }

            """
    }

    private func refusal(_ limiter: FastlyService.RateLimiter) -> String {
        switch limiter.action {
        case .logOnly: ""
        case .response: "error \(Expansion.limitedStatus) \(VCLText.short(Expansion.reason(limiter)));"
        case .responseObject:
            statuses.first { $0.object.name == limiter.responseObject }
                .map { "error \($0.status) \"Fastly Internal\";" } ?? ""
        }
    }

    static let limitedStatus = 829

    static func reason(_ limiter: FastlyService.RateLimiter) -> String {
        "Rate limiter: Too many requests for \(limiter.name)"
    }
}
