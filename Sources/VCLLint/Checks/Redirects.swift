import Diagnostics
import VCL

/// Tables whose values become a Location: loops, chains, and entries that something before them answers.
enum Redirects {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        let tables = redirectTables(program)
        let hosts = ownHosts(program)
        var map = RedirectMap()
        for table in tables { map.add(table, hosts, program) }
        map.report(&findings)
        for table in tables { plainHTTP(table, hosts, program, &findings) }
        plainHTTP(program, &findings)
        shadowed(tables, program, &findings)
        answered(tables, program, &findings)
    }

    // MARK: which tables

    struct Table {
        let name: String
        let entries: [TableEntry]
        let lookups: [Lookup]

        var isLowercase: Bool { lookups.allSatisfy(\.key.isLowercase) }
        var asksForPath: Bool { lookups.allSatisfy { $0.key.kind == .path } }
        var firstOrder: Int { lookups.map(\.call.place.order).min() ?? 0 }
    }

    /// Those that are looked up by path or URL and whose values go into a Location, in the order of their first look-up.
    private static func redirectTables(_ program: LintedProgram) -> [Table] {
        let targets = lookupTargets(program)
        return program.declarations.compactMap { declaration -> Table? in
            guard case .table(_, let entries) = declaration.kind else { return nil }
            let name = program.text(declaration.name)
            guard let lookups = program.lookups[name], !lookups.isEmpty,
                lookups.allSatisfy({ $0.key.kind != .other }),
                program.names(fedBy: targets[name] ?? []).contains(where: LintedProgram.isLocation)
            else { return nil }
            return Table(name: name, entries: entries, lookups: lookups)
        }.sorted { $0.firstOrder < $1.firstOrder }
    }

    /// For each table the targets of the assignments that look into it.
    private static func lookupTargets(_ program: LintedProgram) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for assignment in program.assignments {
            _ = program.contains(assignment.value) { part in
                if let (name, arguments) = program.call(part), name == "table.lookup",
                    let table = arguments.first.flatMap({ program.name($0) })
                {
                    found[table, default: []].append(assignment.target)
                }
                return false
            }
        }
        return found
    }

    /// Hosts that the program compares the request's host with or sets it to, and those that the options name.
    private static func ownHosts(_ program: LintedProgram) -> Set<String> {
        var hosts = Set(program.options.hosts.map { $0.lowercased() })
        for comparison in program.comparisons
        where program.normal(comparison.left, in: -1) == "req.http.host" {
            if let host = program.literal(comparison.right) { hosts.insert(host.lowercased()) }
        }
        return hosts
    }

    // MARK: http://

    private static func isPlainHTTP(_ text: String) -> Bool {
        guard text.lowercased().hasPrefix("http://") else { return false }
        let host = text.dropFirst(7)
        return !["localhost", "127.", "[::1]"].contains { host.hasPrefix($0) }
    }

    private static func plainHTTP(_ program: LintedProgram, _ findings: inout Findings) {
        let errors = program.assignments.contains {
            LintedProgram.isLocation($0.target) && program.mentions($0.value, "obj.response")
        }
        for assignment in program.assignments {
            guard
                LintedProgram.isLocation(assignment.target)
                    || errors && assignment.target == "obj.response",
                let first = program.parts(assignment.value).first, let text = program.literal(first),
                isPlainHTTP(text)
            else { continue }
            tell(first.span, &findings)
        }
    }

    private static func plainHTTP(
        _ table: Table, _ hosts: Set<String>, _ program: LintedProgram, _ findings: inout Findings
    ) {
        for entry in table.entries {
            guard let text = program.literal(entry.value), isPlainHTTP(text),
                hosts.contains(RedirectMap.host(of: text) ?? "")
            else { continue }
            tell(entry.value.span, &findings)
        }
    }

    private static func tell(_ span: Span, _ findings: inout Findings) {
        findings.add(
            "vcl/http-redirect", span,
            "this redirect leads to http://, where anybody on the way can read and change",
            hint: "write https://")
    }

    // MARK: shadows

    /// Conditions around a place that hold there, other than those that ask this table.
    private static func depends(_ call: Call, on table: String, _ program: LintedProgram) -> Bool {
        program.conditions(around: call.place.condition).contains { condition, failed in
            !failed
                && !program.contains(condition) { part in
                    program.call(part)?.arguments.first.flatMap { program.name($0) } == table
                }
        }
    }

    /// A table that every request meets, and that answers what it holds.
    private static func alwaysAnswers(_ table: Table, _ program: LintedProgram) -> Bool {
        let calls = table.lookups.map(\.call)
        guard calls.contains(where: { !depends($0, on: table.name, program) }) else { return false }
        return program.exits.contains { exit in
            guard case .error = exit.kind else { return false }
            return program.conditions(around: exit.place.condition).contains { condition, failed in
                !failed
                    && program.contains(condition) { part in
                        program.call(part)?.arguments.first.flatMap { program.name($0) } == table.name
                    }
            }
        }
    }

    private static func shadowed(
        _ tables: [Table], _ program: LintedProgram, _ findings: inout Findings
    ) {
        var owner: [String: String] = [:]
        for table in tables {
            let answers = alwaysAnswers(table, program)
            for entry in table.entries {
                let key = program.literal(entry.key)
                if let other = owner[key], other != table.name {
                    findings.add(
                        "vcl/shadowed-redirect", entry.key.span,
                        "the table '\(other)' answers this path first, so that this entry never does",
                        hint: "remove one of the two")
                } else if answers {
                    owner[key] = table.name
                }
            }
        }
    }

    /// Paths that a plain condition answers: `if (req.url.path == "/x") { error ...; }`.
    private static func answered(
        _ tables: [Table], _ program: LintedProgram, _ findings: inout Findings
    ) {
        guard !tables.isEmpty else { return }
        var literals: [String: (order: Int, sub: Int)] = [:]
        for exit in program.exits where exit.place.condition >= 0 {
            let around = program.conditions[exit.place.condition]
            guard !around.failed, isOutermost(around.outer, program) else { continue }
            for path in paths(around.condition, program) where literals[path] == nil {
                literals[path] = (exit.place.order, exit.place.sub)
            }
        }
        if literals.isEmpty { return }
        for table in tables {
            guard let first = table.lookups.min(by: { $0.call.place.order < $1.call.place.order }) else {
                continue
            }
            for entry in table.entries {
                guard let other = literals[program.literal(entry.key)],
                    other.sub == first.call.place.sub, other.order < first.call.place.order
                else { continue }
                findings.add(
                    "vcl/shadowed-redirect", entry.key.span,
                    "a condition before the look-up answers this path, so that this entry never does",
                    hint: "remove the entry or the condition")
            }
        }
    }

    private static func isOutermost(_ condition: Int, _ program: LintedProgram) -> Bool {
        program.conditions(around: condition).allSatisfy(\.failed)
    }

    private static func paths(_ condition: Expression, _ program: LintedProgram) -> [String] {
        switch program.bare(condition).kind {
        case .binary(.or, let left, let right): return paths(left, program) + paths(right, program)
        case .binary(.equal, let left, let right):
            guard let name = program.name(left), name == "req.url.path" || name == "req.url" else {
                return []
            }
            return program.literal(right).map { [$0] } ?? []
        default: return []
        }
    }
}

/// Where each path of all redirect tables leads.
struct RedirectMap {
    private struct Step {
        let key: String
        let next: String
        let span: Span
        let target: String
    }

    private var steps: [String: Step] = [:]
    private var order: [String] = []

    /// The host of an absolute URL.
    static func host(of url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return nil }
        return String(parts[2].prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" }).lowercased()
    }

    mutating func add(_ table: Redirects.Table, _ hosts: Set<String>, _ program: LintedProgram) {
        for entry in table.entries {
            let key = program.literal(entry.key)
            guard steps[key] == nil, let target = program.literal(entry.value),
                var next = RedirectMap.path(target, hosts)
            else { continue }
            if table.asksForPath { next = String(next.prefix { $0 != "?" }) }
            if table.isLowercase { next = next.lowercased() }
            steps[key] = Step(key: key, next: next, span: entry.value.span, target: target)
            order.append(key)
        }
    }

    /// The path of a target within the site, without its fragment; nil for one that leads elsewhere.
    private static func path(_ target: String, _ hosts: Set<String>) -> String? {
        let plain = target.prefix { $0 != "#" }
        if plain.hasPrefix("/") { return plain.hasPrefix("//") ? nil : String(plain) }
        guard let host = host(of: target), hosts.contains(host) else { return nil }
        let behind = plain.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
        return behind.isEmpty ? "/" : String(behind)
    }

    func report(_ findings: inout Findings) {
        // 1: on the way of the present walk; 2: leads out of the tables; 3: leads into a loop.
        var state: [String: Int] = [:]
        for start in order where state[start] == nil {
            var way: [String] = []
            var at = start
            while let step = steps[at], state[at] == nil {
                state[at] = 1
                way.append(at)
                at = step.next
            }
            let loops = state[at] == 1 || state[at] == 3
            if state[at] == 1, let begin = way.firstIndex(of: at) { loop(Array(way[begin...]), &findings) }
            for key in way { state[key] = loops ? 3 : 2 }
        }
        for key in order where state[key] == 2 {
            guard let step = steps[key], let second = steps[step.next] else { continue }
            chain(step, second, &findings)
        }
    }

    private func loop(_ keys: [String], _ findings: inout Findings) {
        guard let first = keys.first, let step = steps[first] else { return }
        let way = (keys.prefix(6) + (keys.count > 6 ? ["..."] : []) + [first]).joined(separator: " -> ")
        findings.add(
            "vcl/redirect-loop", step.span, "this redirect leads back to itself: \(way)",
            hint: "remove one of them, or let it lead to a page")
    }

    private func chain(_ step: Step, _ second: Step, _ findings: inout Findings) {
        var last = second
        var count = 2
        while let next = steps[last.next], count <= steps.count {
            last = next
            count += 1
        }
        findings.add(
            "vcl/redirect-chain", step.span,
            "this leads to a path that redirects again: \(count) redirects until \(last.target)",
            hint: "let it lead to \"\(last.target)\"",
            fixes: [
                Fix("lead to the last one", safe: false, [Fix.Edit(step.span, "\"\(last.target)\"")])
            ])
    }
}
