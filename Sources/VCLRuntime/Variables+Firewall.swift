import Kernel
import VCL

extension Variables {
    private static let before = Scopes(.miss, .pass)
    private static let scored = Scopes(.miss, .pass, .deliver, .log)
    private static let judged = Scopes(.miss, .pass, .error, .deliver, .log)

    /// Fastly's former web application firewall. HQ has none: the figures are 0 until the program sets them, and it
    /// may keep its own in them.
    static let waf: [Variable] = [
        score(
            "anomaly_score", scored, .anomaly, "A request's sum of anomalies; 0 unless the program sets it."),
        score(
            "inbound_anomaly_score", before, .inboundAnomaly,
            "A request's sum of anomalies before the origin; 0 unless the program sets it."),
        score(
            "http_violation_score", scored, .httpViolation,
            "How much a request violates HTTP; 0 unless the program sets it."),
        score("lfi_score", scored, .lfi, "Signs of local file inclusion; 0 unless the program sets it."),
        score("rfi_score", scored, .rfi, "Signs of remote file inclusion; 0 unless the program sets it."),
        score("rce_score", scored, .rce, "Signs of remote code execution; 0 unless the program sets it."),
        score(
            "php_injection_score", scored, .phpInjection,
            "Signs of PHP injection; 0 unless the program sets it."),
        score(
            "session_fixation_score", scored, .sessionFixation,
            "Signs of session fixation; 0 unless the program sets it."),
        score("xss_score", scored, .xss, "Signs of cross-site scripting; 0 unless the program sets it."),
        score(
            "severity", scored, .severity,
            "The severity of the rule that matched; 0 unless the program sets it."),
        score("rule_id", scored, .ruleID, "The rule that matched; 0 unless the program sets it."),
        score(
            "counter", Scopes(.miss, .pass, .deliver), .counter,
            "How many rules have matched; 0 unless the program sets it."),
        Variable(
            "waf.sql_injection_score", Scopes(.log), .float { _ in 0 },
            "Signs of SQL injection; 0, for HQ has no such firewall."),
        Variable(
            "waf.failures", judged, .integer { _ in 0 },
            "Rules that could not be evaluated; 0, for HQ has no such firewall."),
        Variable(
            "waf.blocked", judged, .bool { $0.usedExtras?.pass.firewall.blocked ?? false },
            set: .bool { $0.extras.pass.firewall.blocked = $1 },
            "Whether the firewall blocked; false unless the program sets it."),
        Variable(
            "waf.executed", judged, .bool { $0.usedExtras?.pass.firewall.executed ?? false },
            set: .bool { $0.extras.pass.firewall.executed = $1 },
            "Whether the firewall ran; false unless the program sets it."),
        Variable(
            "waf.logged", judged, .bool { $0.usedExtras?.pass.firewall.logged ?? false },
            set: .bool { $0.extras.pass.firewall.logged = $1 },
            "Whether the firewall logged; false unless the program sets it."),
        Variable(
            "waf.passed", judged, .bool { $0.usedExtras?.pass.firewall.passed ?? false },
            set: .bool { $0.extras.pass.firewall.passed = $1 },
            "Whether the firewall let the request pass; false unless the program sets it."),
        Variable(
            "waf.logdata", scored, .string { $0.usedExtras?.pass.firewall.logData ?? .empty },
            set: .string { $0.extras.pass.firewall.logData = $1 },
            "What the matching rule found; empty unless the program sets it."),
        Variable(
            "waf.message", scored, .string { $0.usedExtras?.pass.firewall.message ?? .empty },
            set: .string { $0.extras.pass.firewall.message = $1 },
            "What the matching rule says; empty unless the program sets it."),
    ]

    private static func score(
        _ name: String, _ scopes: Scopes, _ score: RequestExtras.Firewall.Score, _ summary: String
    ) -> Variable {
        Variable(
            "waf." + name, scopes, .integer { $0.usedExtras?.pass.firewall[score] ?? 0 },
            set: .integer { $0.extras.pass.firewall[score] = $1 }, summary)
    }
}
