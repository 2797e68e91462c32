import Diagnostics
import Kernel
import VCL
import VCLRuntime

/// Names that are going away, and literals that are not what they seem.
enum Names {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for mention in program.mentions { deprecated(mention, program, &findings) }
        for call in program.calls where call.name == "std.ip" || call.name == "std.ip2str" {
            for argument in call.arguments { address(argument, program, &findings) }
        }
        let addresses = Set(program.addressVariables)
        for assignment in program.assignments where addresses.contains(assignment.target) {
            address(assignment.value, program, &findings)
        }
        let times = Set(program.locals.lazy.filter { $0.type == "TIME" }.map(\.name))
        for assignment in program.assignments where !times.contains(assignment.target) {
            self.times(assignment.value, program, &findings)
        }
    }

    // MARK: deprecated

    private static func deprecated(
        _ mention: Mention, _ program: LintedProgram, _ findings: inout Findings
    ) {
        guard let other = Variables.byName[mention.name]?.replacement else { return }
        if other.isEmpty {
            findings.add(
                "vcl/deprecated", mention.span,
                "'\(mention.name)' is deprecated, and nothing takes its place",
                hint: "take what it said from the User-Agent header")
        } else {
            // Only these are two names of one thing; the others mean something else today.
            let isAlias = mention.name.hasSuffix(".request")
            findings.add(
                "vcl/deprecated", mention.span, "'\(mention.name)' is deprecated",
                hint: "use '\(other)' instead",
                fixes: [Fix("write \(other)", safe: isAlias, [Fix.Edit(mention.span, other)])])
        }
    }

    // MARK: addresses

    private static func address(
        _ value: Expression, _ program: LintedProgram, _ findings: inout Findings
    ) {
        guard let text = program.literal(value), IPAddress(text) == nil else { return }
        findings.add(
            "vcl/ip-literal", value.span, "\"\(text)\" is no IP address",
            hint: "write an address such as \"192.0.2.1\" or \"2001:db8::1\"")
    }

    // MARK: times

    /// `now + 5m` inside a text: a reader takes it for one text behind another.
    private static func times(_ value: Expression, _ program: LintedProgram, _ findings: inout Findings) {
        for parts in concatenations(value) {
            for (left, right) in zip(parts, parts.dropFirst()) {
                guard case .rtime = right.kind, let name = program.name(left),
                    name == "now" || name == "time.start"
                else { continue }
                findings.add(
                    "vcl/time-arithmetic", left.span.through(right.span), "this adds to a time inside a text",
                    hint: "write time.add(\(name), \(program.text(right.span)))")
            }
        }
    }

    private static func concatenations(_ value: Expression) -> [[Expression]] {
        let inner = LintedProgram.children(value).flatMap { concatenations($0) }
        if case .concatenation(let parts) = value.kind { return [parts] + inner }
        return inner
    }
}
