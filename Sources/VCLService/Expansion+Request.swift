import Diagnostics
import VCL

extension Expansion {
    mutating func recv() -> [SourceFile] {
        var pieces = backendChoices()
        pieces += service.requestSettings.map { setting in
            Piece(
                name: "request setting \"\(setting.name)\"", code: code(setting),
                condition: setting.requestCondition)
        }
        pieces += headers([.request])
        pieces += service.requestSettings.filter { $0.action != .none }.map { setting in
            Piece(
                name: "request setting \"\(setting.name)\"", code: "return(\(setting.action.rawValue));\n",
                condition: setting.requestCondition)
        }
        pieces += statuses.filter { $0.object.cacheCondition.isEmpty }.map { object, status in
            Piece(
                name: "response object \"\(object.name)\"", code: "error \(status) \"Fastly Internal\";\n",
                condition: object.requestCondition)
        }
        return [generated(.recv, MacroText.recv)] + snippets(.recv) + grouped(pieces) + shielding()
    }

    // MARK: the backend

    /// The first backend without a condition serves what no condition claims. A backend that belongs to a
    /// director, or shares the load, is represented by its director.
    private func backendChoices() -> [Piece] {
        var pieces: [Piece] = []
        var served: Set<String> = []
        for backend in service.backends {
            let target = target(of: backend)
            let condition = backend.requestCondition
            // One default, and each director once under its condition.
            guard served.insert(condition.isEmpty ? "" : condition + "\n" + target).inserted else { continue }
            pieces.append(
                Piece(
                    name: "backend \"\(backend.name)\"", code: "set req.backend = \(target);\n",
                    condition: condition))
        }
        return pieces
    }

    private func target(of backend: FastlyService.Backend) -> String {
        if let director = service.directors.first(where: { $0.backends.contains(backend.name) }) {
            return VCLText.identifier(director.name)
        }
        let balancer = balancers.first {
            $0.condition == backend.requestCondition && $0.members.contains(backend.name)
        }
        return balancer?.name ?? Expansion.name(ofBackend: backend.name)
    }

    /// A backend with a shield is reached through the shield's director, unless this is the shield or it is
    /// not well.
    private func shielding() -> [SourceFile] {
        service.backends.filter { !$0.shield.isEmpty }.map { backend in
            let own = Expansion.name(ofBackend: backend.name)
            let site = String(backend.shield.split(separator: "-").first ?? "").uppercased()
            return SourceFile(
                name: "shield of backend \"\(backend.name)\"",
                text: """
                    if (req.backend == \(own) && var.fastly_req_do_shield) {
                      if (server.datacenter != "\(site)" && req.http.Fastly-FF !~ "-\(site)") {
                        set req.backend = \(Expansion.shieldName(backend));
                      }
                      if (!req.backend.healthy) { set req.backend = \(own); }
                    }

                    """)
        }
    }

    // MARK: request settings

    private func code(_ setting: FastlyService.RequestSetting) -> String {
        var lines: [String] = []
        if !setting.defaultHost.isEmpty {
            lines.append("set req.http.Host = \(VCLText.short(setting.defaultHost));")
        }
        if setting.forcesTLS { lines.append("if (!req.http.Fastly-SSL) { error 801 \"Force SSL\"; }") }
        if setting.forcesMiss { lines.append("set req.hash_always_miss = true;") }
        if setting.bypassesBusyWait { lines.append("set req.hash_ignore_busy = true;") }
        if let age = setting.maxStaleAge, age > 0 {
            lines.append("set req.max_stale_if_error = \(age)s;")
            lines.append("set req.max_stale_while_revalidate = \(age)s;")
        }
        if let value = Expansion.forwardedFor[setting.forwardedFor] {
            lines.append("set req.http.Fastly-Temp-XFF = \(value);")
        }
        if setting.geoHeaders {
            lines.append("set req.http.Fastly-Geo-Country = client.geo.country_code;")
            lines.append("set req.http.Fastly-Geo-City = client.geo.city;")
            lines.append("set req.http.Fastly-Geo-Region = client.geo.region;")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What the backend gets as X-Forwarded-For; it travels there in a header of its own.
    private static let forwardedFor: [FastlyService.RequestSetting.ForwardedFor: String] = [
        .clear: "\"\"", .leave: "if(req.http.X-Forwarded-For, req.http.X-Forwarded-For, \"\")",
        .append: "if(req.http.X-Forwarded-For, req.http.X-Forwarded-For \", \", \"\") client.ip",
        .appendAll: "if(req.http.X-Forwarded-For, req.http.X-Forwarded-For \", \", \"\") client.ip",
        .overwrite: "\"\" client.ip",
    ]

    // MARK: hash

    mutating func hash() -> [SourceFile] {
        let pieces = service.requestSettings.filter { !$0.hashKeys.isEmpty }.map { setting in
            Piece(
                name: "hash keys of request setting \"\(setting.name)\"",
                code: setting.hashKeys.map { "set req.hash += \($0);\n" }.joined() + "return(hash);\n",
                condition: setting.requestCondition)
        }
        // A setting under a condition decides before one that always holds.
        let sources = grouped(pieces)
        let always = pieces.count { $0.condition.isEmpty }
        return snippets(.hash) + sources.dropFirst(always) + sources.prefix(always)
    }

    // MARK: hit, miss, pass

    func hit() -> [SourceFile] { [generated(.hit, MacroText.hit)] + snippets(.hit) }

    /// vcl_miss and vcl_pass, where the request to the backend is made ready.
    func backendRequest(_ scope: Scope) -> [SourceFile] {
        var text = (scope == .miss ? MacroText.miss : "") + MacroText.backendRequest
        if !service.settings.defaultHost.isEmpty {
            text += "set bereq.http.Host = \(VCLText.short(service.settings.defaultHost));\n"
        }
        text += "set req.http.Fastly-Cachetype = \"\(scope.rawValue.uppercased())\";\n"
        let limiters = service.rateLimiters.map { limiter in
            SourceFile(
                name: "rate limiter \"\(limiter.name)\"",
                text: "call \(Expansion.name(ofLimiter: limiter.name))_process;\n")
        }
        return [generated(scope, text)] + limiters + snippets(scope == .miss ? .miss : .pass)
    }

    // MARK: headers

    /// In their order; one that also names a request condition in a later state runs under both.
    mutating func headers(_ kinds: Set<FastlyService.Header.Kind>) -> [Piece] {
        let ordered = service.headers.filter { kinds.contains($0.kind) }
            .sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
        var pieces: [Piece] = []
        for header in ordered {
            let own = Piece(
                name: "header \"\(header.name)\"", code: code(header),
                condition: Expansion.condition(of: header))
            let whole = header.kind == .request ? own : piece(own, under: header.requestCondition)
            if let whole { pieces.append(whole) }
        }
        return pieces
    }

    private static func condition(of header: FastlyService.Header) -> String {
        switch header.kind {
        case .request: header.requestCondition
        case .fetch, .cache: header.cacheCondition
        case .response: header.responseCondition
        }
    }

    private func code(_ header: FastlyService.Header) -> String {
        let owner: String
        switch header.kind {
        case .request: owner = "req."
        case .fetch, .cache: owner = "beresp."
        case .response: owner = "resp."
        }
        let target = owner + header.destination
        let change: String
        switch header.action {
        case .set: change = "set \(target) = \(header.source);"
        case .append:
            let (first, more) = (
                "set \(target) = \(header.source);", "set \(target) = \(target) \(header.source);"
            )
            change = "if (\(target)) { \(more) } else { \(first) }"
        case .delete: change = "unset \(target);"
        case .regex, .regexRepeat:
            let function = header.action == .regex ? "regsub" : "regsuball"
            let (pattern, text) = (VCLText.string(header.regex), VCLText.string(header.substitution))
            change = "set \(target) = \(function)(\(header.source), \(pattern), \(text));"
        }
        return header.ignoresIfSet ? "if (!\(target)) {\n  \(change)\n}\n" : change + "\n"
    }
}
