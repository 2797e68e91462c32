import Diagnostics
import Kernel
import VCL

extension Compiler {
    func collect(_ declarations: [Declaration]) {
        for declaration in declarations { collectData(declaration) }
        // Directors name backends, which may be declared behind them; subs may name everything.
        for declaration in declarations {
            if case .director(let type, let own, let members) = declaration.kind {
                collectDirector(declaration, type: type, own: own, members: members)
            }
        }
        for declaration in declarations {
            if case .table(let type, let entries) = declaration.kind {
                collectTable(declaration, type: type, entries: entries)
            }
        }
        for declaration in declarations {
            if case .sub(let returns, let parameters, let body) = declaration.kind {
                collectSub(declaration, returns: returns, parameters: parameters, body: body)
            }
            if case .hook(_, _, let body) = declaration.kind {
                collectSub(declaration, returns: nil, parameters: [], body: body)
            }
        }
    }

    private func collectData(_ declaration: Declaration) {
        let name = text(declaration.name)
        switch declaration.kind {
        case .backend(let properties):
            guard isNew(name, declaration.name, in: backendIndex) else { return }
            backendIndex[name] = parts.backends.count
            parts.backends.append(backend(name, properties, at: declaration.name.span))
        case .acl(let entries):
            guard isNew(name, declaration.name, in: aclIndex) else { return }
            aclIndex[name] = parts.acls.count
            parts.acls.append(AccessList(name: name, entries: entries.compactMap { aclEntry($0) }))
        case .penaltybox: collectCounter(name, declaration.name, in: &penaltyboxes)
        case .ratecounter: collectCounter(name, declaration.name, in: &ratecounters)
        case .director, .table, .sub, .import_, .include, .describe, .hook:
            break
        }
    }

    func isNew(_ name: String, _ place: Name, in names: [String: Int]) -> Bool {
        if names[name] == nil { return true }
        report(
            "vcl/duplicate", place.span, "'\(name)' is declared twice",
            hint: "rename or remove one of the two")
        return false
    }

    private func collectCounter(_ name: String, _ place: Name, in names: inout Set<String>) {
        guard !names.insert(name).inserted else { return }
        report(
            "vcl/duplicate", place.span, "'\(name)' is declared twice",
            hint: "rename or remove one of the two")
    }

    private func aclEntry(_ entry: ACLEntry) -> AccessList.Entry? {
        let word = word(entry.address.span)
        let written = Literals.plain(word.bytes)?.string ?? Literals.string(word.text, long: false)
        guard let address = IPAddress(written) else {
            report(
                "vcl/acl-address", entry.address.span, "'\(written)' is no IP address",
                hint: "write an address such as \"192.0.2.0\"/24")
            return nil
        }
        let most = address.isIPv4 ? 32 : 128
        guard let mask = entry.bits else {
            return AccessList.Entry(address: address, bits: most, negated: entry.negated)
        }
        guard let bits = Int(text(mask)), bits <= most else {
            report("vcl/acl-address", mask.span, "a mask has 0 to \(most) bits here")
            return nil
        }
        return AccessList.Entry(address: address, bits: bits, negated: entry.negated)
    }

    // MARK: backends and directors

    private func backend(_ name: String, _ properties: [Property], at place: Span) -> Backend {
        var backend = Backend(name: name)
        var (ssl, sendsOwnHost) = (false, false)
        var probe: [Property]?
        for property in properties {
            let key = text(property.name)
            guard case .expression(let value) = property.value else {
                if key != ".probe" { report("vcl/backend", property.name.span, "'\(key)' takes one value") }
                if case .block(let inner) = property.value, key == ".probe" { probe = inner }
                continue
            }
            let written = text(value.span)
            let string = literalText(value) ?? written
            switch key {
            case ".host": backend.host = string
            case ".port": backend.port = number(string, value.span, 1...65535) ?? backend.port
            case ".host_header": backend.hostHeader = string
            case ".connect_timeout": backend.connectTimeout = duration(written, value.span)
            case ".first_byte_timeout": backend.firstByteTimeout = duration(written, value.span)
            case ".between_bytes_timeout": backend.betweenBytesTimeout = duration(written, value.span)
            case ".max_connections": backend.maxConnections = number(written, value.span, 1...100_000) ?? 200
            case ".always_use_host_header":
                if written == "true", backend.hostHeader == nil { sendsOwnHost = true }
            case ".ssl": ssl = written == "true"
            default:
                if !Compiler.ignoredBackendProperties.contains(key) {
                    report(
                        "vcl/backend", property.name.span, "a backend has no property '\(key)'",
                        hint: nearest(key, among: Compiler.knownBackendProperties).map {
                            "did you mean '\($0)'?"
                        })
                }
            }
        }
        if sendsOwnHost, backend.hostHeader == nil { backend.hostHeader = backend.host }
        if backend.host.isEmpty {
            report("vcl/backend", place, "backend '\(name)' has no .host", hint: "add .host = \"127.0.0.1\";")
        }
        backend.healthCheck = probe.flatMap { healthCheck($0, of: backend) }
        if ssl, model.servedHere {
            report(
                "vcl/not-supported", place,
                "backend '\(name)' asks for TLS, which this edge does not speak to backends yet")
        }
        return backend
    }

    private static let knownBackendProperties: [String] = [
        ".host", ".port", ".host_header", ".connect_timeout", ".first_byte_timeout", ".between_bytes_timeout",
        ".max_connections", ".ssl",
    ]
    /// Fastly writes these into each generated backend; they say nothing to an edge that is one host.
    private static let ignoredBackendProperties: Set<String> = [
        ".dynamic", ".share_key", ".bypass_local_route_table", ".ssl_check_cert",
        ".ssl_cert_hostname",
        ".ssl_sni_hostname", ".min_tls_version", ".max_tls_version", ".ssl_ciphers", ".ssl_ca_cert",
        ".ssl_client_cert",
        ".ssl_client_key", ".fetch_timeout", ".keepalive_time", ".max_lifetime", ".max_use", ".weight",
        ".prefer_ipv6", ".is_shield", ".saintmode_threshold", ".dummy",
    ]

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

    private func collectDirector(
        _ declaration: Declaration, type: Name, own: [Property], members: [[Property]]
    ) {
        let name = text(declaration.name)
        guard isNew(name, declaration.name, in: backendIndex) else { return }
        guard let policy = Director.Policy(rawValue: text(type)) else {
            let known = Director.Policy.allCases.map(\.rawValue)
            return report(
                "vcl/director", type.span, "no director of the type '\(text(type))'",
                hint: "choose one of " + known.joined(separator: ", "))
        }
        var quorum = 0
        for property in own where text(property.name) == ".quorum" {
            guard case .expression(let value) = property.value else { continue }
            quorum = number(text(value.span).replacing("%", with: ""), value.span, 0...100) ?? 0
        }
        var found: [Director.Member] = []
        for member in members {
            var backend: Int?
            var weight = 1
            for property in member {
                guard case .expression(let value) = property.value else { continue }
                let written = text(value.span)
                switch text(property.name) {
                case ".backend":
                    backend = backendIndex[written]
                    if backend == nil {
                        _ = assumedBackend(written, value.span)
                    }
                case ".weight": weight = number(written, value.span, 1...1000) ?? 1
                case ".id": break
                default:
                    report(
                        "vcl/director", property.name.span,
                        "a director's member has no property '\(text(property.name))'")
                }
            }
            if let backend, backend < parts.backends.count {
                found.append(Director.Member(backend: backend, weight: weight))
            }
        }
        if members.isEmpty, policy != .shield {
            report("vcl/director", declaration.name.span, "director '\(name)' has no backend")
        }
        backendIndex[name] = parts.backends.count + parts.directors.count
        parts.directors.append(Director(name: name, policy: policy, quorum: quorum, members: found))
    }

    // MARK: subs

    private func collectSub(
        _ declaration: Declaration, returns: Name?, parameters: [(type: Name, name: Name)], body: [Statement]
    ) {
        let word = word(declaration.name.span)
        let name = word.text
        let reserved = Scope(subroutine: name) != nil
        if let known = word.sub {
            guard reserved else {
                return report(
                    "vcl/duplicate", declaration.name.span, "sub '\(name)' is declared twice",
                    hint: "rename or remove one of the two")
            }
            known.bodies.append(body)
            known.calls += declaration.calls
            return
        }
        // Programs that Fastly generated hold this one; nothing runs it there or here.
        if name == "vcl_pipe" { return }
        if name.hasPrefix("vcl_"), !reserved {
            let hint = nearest(name, among: Scope.allCases.map(\.subroutine)).map { "did you mean '\($0)'?" }
            report("vcl/unknown-state", declaration.name.span, "there is no state '\(name)'", hint: hint)
        }
        var all: [(type: ValueType, name: Name)] = []
        for parameter in parameters {
            guard let type = type(parameter.type) else {
                report("vcl/unknown-type", parameter.type.span, "no type is named '\(text(parameter.type))'")
                continue
            }
            all.append((type, parameter.name))
        }
        let type = returns.flatMap { self.type($0) }
        if let returns, type == nil {
            report("vcl/unknown-type", returns.span, "no type is named '\(text(returns))'")
        }
        let sub = Subroutine(
            name: declaration.name, text: name, body: body, calls: declaration.calls, returns: type,
            parameters: all)
        word.sub = sub
        subs.append(sub)
    }

    private func type(_ name: Name) -> ValueType? { word(name.span).type }

    /// Subs are compiled and observed in the order of their names.
    func numberSubs() {
        subs.sort { $0.text < $1.text }
        for (number, sub) in subs.enumerated() { sub.number = number }
    }

    /// Gives each sub the states from which it can be reached.
    func resolveScopes() {
        let calls = subs.map { sub in sub.calls.compactMap { word($0.span).sub } }
        for scope in Scope.allCases {
            let fromOutside = roots.filter { $0.value.contains(Scopes(scope)) }.map(\.key)
            var queue = ([scope.subroutine] + fromOutside).compactMap { word($0).sub }
            while let sub = queue.popLast() {
                guard sub.scopes.insert(Scopes(scope)).inserted else { continue }
                queue += calls[sub.number]
            }
        }
    }
}
