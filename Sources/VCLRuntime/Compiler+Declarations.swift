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
            parts.acls.append((name, AccessList(name: name, entries: entries.compactMap { aclEntry($0) })))
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
