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
        let written = Literals.string(text(entry.address), long: false)
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
        let name = text(declaration.name)
        let reserved = Scope(subroutine: name) != nil
        if let known = subs[name] {
            guard reserved else {
                return report(
                    "vcl/duplicate", declaration.name.span, "sub '\(name)' is declared twice",
                    hint: "rename or remove one of the two")
            }
            known.bodies.append(body)
            return
        }
        // Programs that Fastly generated hold this one; nothing runs it there or here.
        if name == "vcl_pipe" { return }
        if name.hasPrefix("vcl_"), !reserved {
            let hint = nearest(name, among: Scope.allCases.map(\.subroutine)).map { "did you mean '\($0)'?" }
            report("vcl/unknown-state", declaration.name.span, "there is no state '\(name)'", hint: hint)
        }
        var all: [(type: ValueType, name: String)] = []
        for parameter in parameters {
            guard let type = ValueType(rawValue: text(parameter.type)) else {
                report("vcl/unknown-type", parameter.type.span, "no type is named '\(text(parameter.type))'")
                continue
            }
            all.append((type, text(parameter.name)))
        }
        let type = returns.flatMap { ValueType(rawValue: text($0)) }
        if let returns, type == nil {
            report("vcl/unknown-type", returns.span, "no type is named '\(text(returns))'")
        }
        subs[name] = Subroutine(name: declaration.name, body: body, returns: type, parameters: all)
    }

    // MARK: who calls whom

    /// Gives each sub the states from which it can be reached.
    func resolveScopes(_ roots: [String: Scopes]) {
        // Only a functional sub is called inside an expression.
        hasFunctions = subs.values.contains { $0.returns != nil }
        var calls: [String: Set<String>] = [:]
        for (name, sub) in subs {
            for body in sub.bodies { addCalls(in: body, to: &calls[name, default: []]) }
        }
        for scope in Scope.allCases {
            var queue = [scope.subroutine] + roots.filter { $0.value.contains(Scopes(scope)) }.map(\.key)
            var seen: Set<String> = []
            while let name = queue.popLast() {
                guard seen.insert(name).inserted, let sub = subs[name] else { continue }
                sub.scopes.insert(Scopes(scope))
                queue += calls[name] ?? []
            }
        }
    }

    private func addCalls(in statements: [Statement], to calls: inout Set<String>) {
        for statement in statements { addCalls(in: statement, to: &calls) }
    }

    private func addCalls(in statement: Statement, to calls: inout Set<String>) {
        switch statement.kind {
        case .call(let name, let arguments): addCall(name, arguments, to: &calls)
        case .set(_, _, let value), .add(_, let value), .log(let value), .synthetic(let value, _),
            .function(let value), .return(let value?, _):
            addCalls(in: value, to: &calls)
        case .error(let status, let response):
            if let status { addCalls(in: status, to: &calls) }
            if let response { addCalls(in: response, to: &calls) }
        case .if(let branches, let otherwise):
            for branch in branches {
                addCalls(in: branch.condition, to: &calls)
                addCalls(in: branch.body, to: &calls)
            }
            if let otherwise { addCalls(in: otherwise, to: &calls) }
        case .switch(let value, let cases):
            addCalls(in: value, to: &calls)
            for one in cases { addCalls(in: one.body, to: &calls) }
        case .block(let body): addCalls(in: body, to: &calls)
        default: break
        }
    }

    private func addCalls(in expression: Expression, to calls: inout Set<String>) {
        guard hasFunctions else { return }
        switch expression.kind {
        case .call(let name, let arguments): addCall(name, arguments, to: &calls)
        case .concatenation(let parts): for part in parts { addCalls(in: part, to: &calls) }
        case .not(let inner), .negative(let inner), .group(let inner): addCalls(in: inner, to: &calls)
        case .binary(_, let left, let right):
            addCalls(in: left, to: &calls)
            addCalls(in: right, to: &calls)
        default: break
        }
    }

    private func addCall(_ name: Name, _ arguments: [Expression], to calls: inout Set<String>) {
        let wanted = text(name)
        if subs[wanted] != nil { calls.insert(wanted) }
        for argument in arguments { addCalls(in: argument, to: &calls) }
    }
}
