import Diagnostics
import VCL

/// What a visitor can write, used as if it were ours; and what of ours a visitor gets to see.
enum Visitors {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        forwarded(program, &findings)
        redirects(program, &findings)
        pages(program, &findings)
        debugging(program, &findings)
    }

    // MARK: addresses that the visitor wrote

    private static let addressHeaders: Set<String> = [
        "req.http.x-forwarded-for", "req.http.x-real-ip", "req.http.true-client-ip",
    ]

    private static func forwarded(_ program: LintedProgram, _ findings: inout Findings) {
        let cleaned = Set(
            program.mentions.lazy.filter {
                addressHeaders.contains($0.name) && $0.kind != .read && $0.kind != .add
                    && $0.place.condition < 0
            }.map(\.name))
        let untrusted = addressHeaders.subtracting(cleaned).filter { program.reads[$0] != nil }
        if untrusted.isEmpty { return }
        let fed = program.names(fedBy: untrusted.flatMap { program.feeds[$0] ?? [] })
        let isFed = { (value: Expression, sub: Int) in
            program.contains(value) { part in
                program.normal(part, in: sub).map { untrusted.contains($0) || fed.contains($0) } ?? false
            }
        }
        for match in program.matches where isFed(match.subject, match.place.sub) {
            let asksList = program.name(match.pattern) != nil
            let isAddress = program.pattern(match.pattern).map(isAddress) ?? false
            guard asksList || isAddress else { continue }
            tell(match.subject.span, &findings)
        }
        for call in program.calls where call.name.hasPrefix("ratelimit.") {
            for argument in call.arguments where isFed(argument, call.place.sub) {
                tell(argument.span, &findings)
            }
        }
    }

    /// Whether a pattern asks for a certain address, such as `^192\.0\.2\.`, rather than for the form of one.
    private static func isAddress(_ pattern: String) -> Bool {
        pattern.contains(/[0-9]\\?\.[0-9]/)
    }

    private static func tell(_ span: Span, _ findings: inout Findings) {
        findings.add(
            "vcl/trusted-forwarded-for", span, "this address is what the visitor wrote into a header",
            hint: "use client.ip, or set the header from client.ip before")
    }

    // MARK: where a redirect leads

    private static func isParameter(_ expression: Expression, _ program: LintedProgram) -> Bool {
        guard let (name, arguments) = program.call(expression) else { return false }
        let ofQuery = arguments.first.map { program.text($0.span).hasPrefix("req.url") } ?? false
        return ofQuery && (name == "subfield" || name == "querystring.get")
    }

    /// What the value begins with, through what keeps the beginning.
    private static func beginning(_ value: Expression, _ program: LintedProgram) -> Expression {
        guard let first = program.parts(value).first else { return value }
        if let (name, arguments) = program.call(first), let inner = arguments.first,
            ["urldecode", "std.tolower", "digest.base64_decode", "digest.base64url_decode"].contains(name)
        {
            return beginning(inner, program)
        }
        return first
    }

    private static func redirects(_ program: LintedProgram, _ findings: inout Findings) {
        let asksQuery = program.calls.contains { $0.name == "subfield" || $0.name == "querystring.get" }
        guard asksQuery else { return }
        var chosen: Set<String> = []
        let isChosen = { (value: Expression, sub: Int) -> Bool in
            let first = beginning(value, program)
            if isParameter(first, program) { return true }
            return program.normal(first, in: sub).map { chosen.contains($0) } ?? false
        }
        // As many rounds as there are names on the way; more copies of copies than that are not followed.
        for _ in 0..<4 {
            let before = chosen.count
            for one in program.assignments where one.operation == "=" && isChosen(one.value, one.place.sub) {
                chosen.insert(one.target)
            }
            if chosen.count == before { break }
        }
        let toLocation = program.assignments.contains {
            LintedProgram.isLocation($0.target)
                && program.normal($0.value, in: $0.place.sub) == "obj.response"
        }
        for one in program.assignments {
            let leads =
                LintedProgram.isLocation(one.target) && program.normal(one.value, in: -1) != "obj.response"
                || toLocation && one.target == "obj.response"
            guard leads, isChosen(one.value, one.place.sub), !isChecked(one, program) else { continue }
            findings.add(
                "vcl/open-redirect", one.value.span,
                "whoever makes the link chooses where this redirect leads",
                hint: "allow paths only: if (var.to ~ \"^/[^/]\") { ... }")
        }
    }

    /// Whether a condition around the place matches what the value begins with, or what that was made from.
    private static func isChecked(_ one: Assignment, _ program: LintedProgram) -> Bool {
        let conditions = program.conditions(around: one.place.condition)
        return conditions.contains { condition, _ in
            program.contains(condition) { part in
                if case .binary(let symbol, _, _) = part.kind { return symbol != .and && symbol != .or }
                return program.call(part).map { $0.name.hasPrefix("table.") || $0.name == "std.prefixof" }
                    ?? false
            } && shares(condition, with: one, program)
        }
    }

    private static func shares(_ condition: Expression, with one: Assignment, _ program: LintedProgram)
        -> Bool
    {
        let names = Set(program.names(in: one.value, sub: one.place.sub))
        return program.names(in: condition, sub: one.place.sub).contains { names.contains($0) }
    }

    // MARK: pages

    private static func pages(_ program: LintedProgram, _ findings: inout Findings) {
        let plain = Set(
            program.assignments.lazy.filter {
                $0.target == "obj.http.content-type"
                    && (program.literal($0.value).map { $0.contains("plain") || $0.contains("json") } ?? false)
            }.map(\.place.condition))
        for page in program.assignments where page.target == "synthetic" {
            guard !plain.contains(page.place.condition) else { continue }
            for part in program.parts(page.value) {
                guard let name = program.normal(part, in: page.place.sub), isVisitors(name, program) else {
                    continue
                }
                findings.add(
                    "vcl/unescaped-synthetic", part.span,
                    "'\(program.text(part.span))' stands in this page as the visitor wrote it, markup too",
                    hint: "write xml_escape(\(program.text(part.span)))")
            }
        }
    }

    private static func isVisitors(_ name: String, _ program: LintedProgram) -> Bool {
        if ["req.url", "req.url.path", "req.url.qs", "req.url.basename"].contains(name) { return true }
        if name.hasPrefix("req.http."), name != "req.http.host" {
            return program.assignmentsByTarget[name] == nil
        }
        guard name.hasPrefix("var."), let given = program.assignmentsByTarget[name] else { return false }
        return given.contains { one in
            program.normal(one.value, in: one.place.sub).map {
                !$0.hasPrefix("var.") && isVisitors($0, program)
            } ?? false
        }
    }

    // MARK: the inside

    private static func debugging(_ program: LintedProgram, _ findings: inout Findings) {
        let unset = Set(program.mentions.lazy.filter { $0.kind == .unset }.map(\.name))
        for one in program.assignments where one.target.hasPrefix("resp.http.") {
            guard one.place.condition < 0, !unset.contains(one.target) else { continue }
            let names = program.names(in: one.value, sub: one.place.sub)
            let isInside = { (name: String) in
                name == "req.backend" || name.hasPrefix("beresp.backend") || name.hasPrefix("req.backend.")
                    || name == "bereq.url" || name.hasPrefix("req.http.x-debug")
            }
            guard one.target.contains("debug") || names.contains(where: isInside) else { continue }
            findings.add(
                "vcl/debug-header", one.span, "every visitor sees '\(program.text(one.span))'",
                hint: "put it inside if (client.ip ~ staff) or if (req.http.Fastly-Debug)")
        }
    }
}
