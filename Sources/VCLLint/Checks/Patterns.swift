import Diagnostics
import VCL

/// Regular expressions: what they cost, and what they are used for.
enum Patterns {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        var known: [String: Bool] = [:]
        for expression in all(program) {
            guard let pattern = program.pattern(expression) else { continue }
            let explodes = known[pattern] ?? RegexExplosion.isPossible(in: pattern)
            known[pattern] = explodes
            guard explodes else { continue }
            findings.add(
                "vcl/regex-explosion", expression.span,
                "this pattern can take exponentially long: a loop inside a loop reads one text in several ways",
                hint:
                    "let each byte be read by one loop only, as in ([^,]*,)*, or make the inner loop possessive: ++"
            )
        }
        for match in program.matches {
            extensions(match, program, &findings)
            origin(match, program, &findings)
        }
    }

    /// Functions whose argument at this place is a pattern.
    private static let arguments: [String: Int] = [
        "regsub": 1, "regsuball": 1, "querystring.regfilter": 1, "querystring.regfilter_except": 1,
        "header.filter_except": 1,
    ]

    private static func all(_ program: LintedProgram) -> [Expression] {
        let called = program.calls.compactMap { call -> Expression? in
            guard let place = arguments[call.name], place < call.arguments.count else { return nil }
            return call.arguments[place]
        }
        let tables = program.declarations.flatMap { declaration -> [Expression] in
            guard case .table(let type?, let entries) = declaration.kind, program.text(type) == "REGEX"
            else { return [] }
            return entries.map(\.value)
        }
        return program.matches.map(\.pattern) + called + tables
    }

    // MARK: extensions

    private static let paths: Set<String> = ["req.url", "req.url.path", "bereq.url", "bereq.url.path"]
    private static let tails: Set<String> = [
        "$", "($|\\?)", "(\\?|$)", "(?:$|\\?)", "(?:\\?|$)", "(\\?.*)?$", "\\?",
    ]

    private static func extensions(_ match: Match, _ program: LintedProgram, _ findings: inout Findings) {
        guard let subject = program.name(match.subject), paths.contains(subject),
            let pattern = program.pattern(match.pattern), let names = extensions(in: pattern)
        else { return }
        let variable = (subject.hasPrefix("be") ? "bereq" : "req") + ".url.ext"
        let instead =
            names.count == 1
            ? "\(variable) \(match.negated ? "!=" : "==") \"\(names[0])\""
            : "\(variable) \(match.negated ? "!~" : "~") \"^(\(names.joined(separator: "|")))$\""
        findings.add(
            "vcl/url-extension", match.span, "this looks for a file extension; '\(variable)' holds it",
            hint: "write \(instead)",
            fixes: [Fix("ask for \(variable)", safe: false, [Fix.Edit(match.span, instead)])])
    }

    /// The extensions that a pattern such as `\.(png|jpe?g)$` names; nil for any other.
    static func extensions(in pattern: String) -> [String]? {
        var rest = Substring(pattern)
        if rest.hasPrefix("(?i)") { rest = rest.dropFirst(4) }
        guard rest.hasPrefix("\\.") else { return nil }
        rest = rest.dropFirst(2)
        let isName = { (text: Substring) in
            !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "?" }
        }
        if rest.hasPrefix("(") {
            guard let close = rest.firstIndex(of: ")"), tails.contains(String(rest[close...].dropFirst()))
            else { return nil }
            var inner = rest[rest.index(after: rest.startIndex)..<close]
            if inner.hasPrefix("?:") { inner = inner.dropFirst(2) }
            let names = inner.split(separator: "|", omittingEmptySubsequences: false)
            return names.allSatisfy(isName) ? names.map(String.init) : nil
        }
        let name = rest.prefix { $0.isLetter || $0.isNumber }
        guard isName(name), tails.contains(String(rest[name.endIndex...])) else { return nil }
        return [String(name)]
    }

    // MARK: origins

    /// `Origin ~ "example\.com"` is also true of https://example.com.evil.net.
    private static func origin(_ match: Match, _ program: LintedProgram, _ findings: inout Findings) {
        guard program.normal(match.subject, in: match.place.sub) == "req.http.origin",
            let pattern = program.pattern(match.pattern), pattern.contains(".")
        else { return }
        let endsOpen = !pattern.hasSuffix("$") && !pattern.contains("$)") && !pattern.hasSuffix("\\z")
        let anyByte = hasBareDotInHost(pattern)
        guard endsOpen || anyByte else { return }
        findings.add(
            "vcl/loose-origin", match.pattern.span,
            endsOpen
                ? "other sites pass this check of Origin: the pattern has no end"
                : "other sites pass this check of Origin: a '.' in the pattern stands for any character",
            hint: "write it whole, as in \"^https://(www\\.)?example\\.com$\"")
    }

    /// A dot between letters, without a backslash: a host's dot that was meant literally.
    private static func hasBareDotInHost(_ pattern: String) -> Bool {
        let bytes = Array(pattern.utf8)
        guard bytes.count > 2 else { return false }
        return (1..<(bytes.count - 1)).contains { index in
            bytes[index] == UInt8(ascii: ".") && isWord(bytes[index - 1]) && isWord(bytes[index + 1])
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 < 10
    }
}
