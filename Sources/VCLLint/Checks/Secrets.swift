import Diagnostics
import VCL

/// Keys and passwords in the text of the program, which everybody sees who may read it, and which stays in its history.
enum Secrets {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        var told: [Span] = []
        let tell = { (span: Span, what: String, findings: inout Findings) in
            if told.contains(span) { return }
            told.append(span)
            findings.add(
                "vcl/secret", span, "\(what) stands in the program",
                hint: "keep it in a private dictionary: table.lookup(secrets, \"name\"); and replace this one"
            )
        }
        for literal in program.literals {
            guard let bytes = program.sources.file(of: literal.span)?.bytes else { continue }
            let what = known(bytes[literal.span.start..<literal.span.end])
            if let what { tell(literal.span, what, &findings) }
        }
        let names = secretNames(program)
        for assignment in program.assignments where names.contains(assignment.target) {
            for part in program.parts(assignment.value) where isSecret(part, program) {
                tell(part.span, "what looks like a secret", &findings)
            }
        }
        for call in program.calls where takesKey(call.name) {
            guard let key = call.arguments.first, isSecret(key, program, least: 8) else { continue }
            tell(key.span, "a key", &findings)
        }
        for comparison in program.comparisons {
            guard let name = program.normal(comparison.left, in: -1), names.contains(name),
                isSecret(comparison.right, program)
            else { continue }
            tell(comparison.right.span, "what looks like a secret", &findings)
        }
    }

    // MARK: known forms

    private struct Form {
        let beginning: [UInt8]
        /// How many characters of a token follow at least.
        let length: Int
        let what: String

        init(_ beginning: String, _ length: Int, _ what: String) {
            self.beginning = Array(beginning.utf8)
            self.length = length
            self.what = what
        }
    }

    private static let forms: [Form] = [
        Form("-----BEGIN RSA PRIVATE KEY", 0, "a private key"),
        Form("-----BEGIN PRIVATE KEY", 0, "a private key"),
        Form("-----BEGIN EC PRIVATE KEY", 0, "a private key"),
        Form("-----BEGIN OPENSSH PRIVATE KEY", 0, "a private key"),
        Form("AKIA", 16, "an AWS access key"), Form("ASIA", 16, "an AWS access key"),
        Form("ghp_", 30, "a GitHub token"), Form("gho_", 30, "a GitHub token"),
        Form("github_pat_", 30, "a GitHub token"), Form("xoxb-", 20, "a Slack token"),
        Form("xoxp-", 20, "a Slack token"), Form("sk_live_", 16, "a Stripe key"),
        Form("rk_live_", 16, "a Stripe key"), Form("AIza", 35, "a Google API key"),
        Form("glpat-", 20, "a GitLab token"), Form("SG.", 40, "a SendGrid key"),
        Form("Basic ", 12, "a password"), Form("Bearer ", 20, "a token"),
    ]

    /// By their first byte.
    private static let formsByByte: [[Form]] = {
        var table = [[Form]](repeating: [], count: 256)
        for form in forms { table[Int(form.beginning[0])].append(form) }
        return table
    }()

    /// Bytes that tokens are made of: 1 a letter, 2 a digit or a sign.
    private static let tokenBytes: [UInt8] = (0..<256).map { value -> UInt8 in
        let byte = UInt8(value)
        if byte | 0x20 >= 0x61, byte | 0x20 <= 0x7A { return 1 }
        return byte &- 0x30 < 10 || "+/=_-.".utf8.contains(byte) ? 2 : 0
    }

    /// What of known form stands in a literal.
    private static func known(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.withUnsafeBufferPointer { text in
            for at in 0..<text.count {
                for form in formsByByte[Int(text[at])] where matches(form, text, at) { return form.what }
            }
            return nil
        }
    }

    private static func matches(_ form: Form, _ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
        let count = form.beginning.count
        guard at + count <= text.count, (0..<count).allSatisfy({ text[at + $0] == form.beginning[$0] }) else {
            return false
        }
        if at > 0, tokenBytes[Int(text[at - 1])] == 1 || text[at - 1] &- 0x30 < 10 { return false }
        if form.length == 0 { return true }
        var end = at + count
        var (isMixed, padding, isCoded) = (false, false, true)
        while end < text.count, tokenBytes[Int(text[end])] > 0 {
            isMixed = isMixed || tokenBytes[Int(text[end])] == 2
            // In base64 nothing follows a '='; "Basic realm=..." is a question, not an answer.
            if padding, text[end] != UInt8(ascii: "=") { isCoded = false }
            padding = padding || text[end] == UInt8(ascii: "=")
            end += 1
        }
        let takesAnything = form.beginning.last != UInt8(ascii: " ")
        return isMixed && end - at - count >= form.length && (isCoded || takesAnything)
    }

    // MARK: by their place

    private static let words: [String] = [
        "authorization", "secret", "password", "passwd", "api-key", "apikey", "api_key", "access-key",
        "access_key", "private-key", "signing", "token", "x-auth",
    ]

    /// The names in the program that sound like a secret's.
    private static func secretNames(_ program: LintedProgram) -> Set<String> {
        var names = Set(program.assignmentsByTarget.keys)
        for comparison in program.comparisons {
            if let name = program.normal(comparison.left, in: -1) { names.insert(name) }
        }
        return names.filter { name in
            let name = name.lowercased()
            return words.contains { name.contains($0) }
        }
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
