import Diagnostics
import VCL

/// Keys and passwords in the text of the program, which everybody sees who may read it, and which stays in its history.
enum Secrets {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        var told: Set<Span> = []
        let tell = { (span: Span, what: String, findings: inout Findings) in
            guard told.insert(span).inserted else { return }
            findings.add(
                "vcl/secret", span, "\(what) stands in the program",
                hint: "keep it in a private dictionary: table.lookup(secrets, \"name\"); and replace this one"
            )
        }
        for literal in program.literals {
            if let what = known(program.text(literal.span)) { tell(literal.span, what, &findings) }
        }
        for assignment in program.assignments where isSecretName(assignment.target) {
            for part in program.parts(assignment.value) where isSecret(part, program) {
                tell(part.span, "what looks like a secret", &findings)
            }
        }
        for call in program.calls where takesKey(call.name) {
            guard let key = call.arguments.first, isSecret(key, program, least: 8) else { continue }
            tell(key.span, "a key", &findings)
        }
        for comparison in program.comparisons {
            guard let name = program.normal(comparison.left, in: -1), isSecretName(name),
                isSecret(comparison.right, program)
            else { continue }
            tell(comparison.right.span, "what looks like a secret", &findings)
        }
    }

    // MARK: known forms

    private static let marks: [(text: String, what: String)] = [
        ("-----BEGIN RSA PRIVATE KEY", "a private key"), ("-----BEGIN PRIVATE KEY", "a private key"),
        ("-----BEGIN EC PRIVATE KEY", "a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY", "a private key"),
    ]

    private static let prefixes: [(text: String, length: Int, what: String)] = [
        ("AKIA", 16, "an AWS access key"), ("ASIA", 16, "an AWS access key"),
        ("ghp_", 30, "a GitHub token"), ("gho_", 30, "a GitHub token"), ("github_pat_", 30, "a GitHub token"),
        ("xoxb-", 20, "a Slack token"), ("xoxp-", 20, "a Slack token"), ("sk_live_", 16, "a Stripe key"),
        ("rk_live_", 16, "a Stripe key"), ("AIza", 35, "a Google API key"), ("glpat-", 20, "a GitLab token"),
        ("SG.", 40, "a SendGrid key"), ("Basic ", 12, "a password"), ("Bearer ", 20, "a token"),
    ]

    private static func known(_ text: String) -> String? {
        if let mark = marks.first(where: { text.contains($0.text) }) { return mark.what }
        for (prefix, length, what) in prefixes {
            guard let found = text.firstRange(of: prefix) else { continue }
            if found.lowerBound > text.startIndex {
                let before = text[text.index(before: found.lowerBound)]
                if before.isLetter || before.isNumber { continue }
            }
            let behind = text[found.upperBound...].prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "+/=_-.".contains($0))
            }
            if behind.utf8.count >= length, behind.contains(where: { !$0.isLetter }) { return what }
        }
        return nil
    }

    // MARK: by their place

    private static let words: [String] = [
        "authorization", "secret", "password", "passwd", "api-key", "apikey", "api_key", "access-key",
        "access_key", "private-key", "signing", "token", "x-auth",
    ]

    private static func isSecretName(_ name: String) -> Bool {
        let name = name.lowercased()
        return words.contains { name.contains($0) }
    }

    private static func takesKey(_ name: String) -> Bool {
        name.hasPrefix("digest.hmac_") || name == "digest.awsv4_hmac" || name.hasPrefix("digest.time_hmac_")
    }

    /// A literal without spaces, long and mixed enough that nobody chose it as a word.
    private static func isSecret(_ value: Expression, _ program: LintedProgram, least: Int = 16) -> Bool {
        guard let text = program.literal(value), text.utf8.count >= least,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x3C })
        else { return false }
        return least < 16 || entropy(of: text) >= 3.2 && text.contains(where: \.isNumber)
    }

    /// Bits for each character, by how often each stands in the text.
    static func entropy(of text: String) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in text.utf8 { counts[Int(byte)] += 1 }
        let total = Double(text.utf8.count)
        return counts.filter { $0 > 0 }.reduce(0.0) { sum, count in
            let share = Double(count) / total
            return sum - share * log2(share)
        }
    }

    /// The logarithm to base 2 of a number above 0, good to some digits; engines have no mathematics library.
    private static func log2(_ value: Double) -> Double {
        var rest = value.significand
        var result = Double(value.exponent)
        var bit = 0.5
        for _ in 0..<24 {
            rest *= rest
            if rest >= 2 {
                rest /= 2
                result += bit
            }
            bit /= 2
        }
        return result
    }
}
