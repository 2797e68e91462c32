import Diagnostics

// What the linter's own checks report.
extension LintRules {
    private static let unusedID = ["unused/declaration"]

    static let unused: [LintRule] = [
        LintRule("vcl/unused-acl", .warning, "nothing asks this ACL", unusedID),
        LintRule("vcl/unused-backend", .warning, "nothing is sent to this backend", unusedID),
        LintRule("vcl/unused-director", .warning, "nothing is sent to this director", unusedID),
        LintRule("vcl/unused-table", .warning, "nothing looks into this table", unusedID),
        LintRule("vcl/unused-sub", .warning, "nothing calls this sub", unusedID),
        LintRule("vcl/unused-penaltybox", .warning, "nothing uses this penalty box", unusedID),
        LintRule("vcl/unused-ratecounter", .warning, "nothing uses this rate counter", unusedID),
        LintRule("vcl/unused-dictionary", .info, "the program never looks into this dictionary", unusedID),
        LintRule(
            "vcl/unused-variable", .warning, "a local variable is never read", ["unused/variable"],
            fixable: true),
        LintRule("vcl/unused-label", .warning, "no goto leads to this label", ["unused/goto"], fixable: true),
        LintRule(
            "vcl/unreached-sub", .warning, "a sub is called, but from no state",
            ["subroutine/unrecognize-call-scope"]),
    ]

    static let flow: [LintRule] = [
        LintRule("vcl/unreachable", .warning, "code that can never run", fixable: true),
        LintRule("vcl/dead-branch", .warning, "a branch that can never be taken"),
        LintRule(
            "vcl/literal-condition", .warning, "a condition that a literal decides", ["condition/literal"]),
        LintRule(
            "vcl/empty-return", .warning, "a state returns without saying what comes next",
            ["disallow-empty-return"]),
        LintRule("vcl/unknown-label", .error, "a goto leads nowhere", ["goto/syntax"]),
        LintRule(
            "vcl/backward-goto", .error, "a goto leads back", ["goto/forbidden-backward-jump"]),
        LintRule("vcl/duplicate-label", .error, "two labels of a sub have one name", ["goto/duplicated"]),
        LintRule(
            "vcl/error-status", .info, "an error's status is outside the ranges meant for it",
            ["error-statement/code"]),
        LintRule("vcl/restart-loop", .warning, "a restart that nothing bounds"),
    ]

    static let regexes: [LintRule] = [
        LintRule(
            "vcl/capture-not-set", .warning, "a capture is read that no match before it sets",
            ["regex/uncaptured-variable"]),
        LintRule(
            "vcl/capture-ambiguous", .info, "a capture may be of one match or of another",
            ["regex/matched-value-override"]),
        LintRule(
            "vcl/url-extension", .info, "a pattern looks for a file extension", ["regex/url-extension"]),
        LintRule("vcl/regex-explosion", .warning, "a pattern can take exponentially long"),
        LintRule("vcl/loose-origin", .warning, "a check of Origin that other sites pass"),
    ]

    static let tables: [LintRule] = [
        LintRule("vcl/unmatchable-key", .warning, "a key that no look-up can ask for"),
        LintRule("vcl/redirect-loop", .error, "redirects that lead back to where they began"),
        LintRule("vcl/redirect-chain", .warning, "a redirect that leads to another"),
        LintRule("vcl/shadowed-redirect", .warning, "a redirect that something before it answers"),
        LintRule("vcl/http-redirect", .warning, "a redirect to http://"),
    ]

    static let caching: [LintRule] = [
        LintRule("vcl/missing-vary", .warning, "a request header decides, and the cache does not know"),
        LintRule("vcl/overwritten-vary", .warning, "Vary is replaced", ["set-statement/overwrite-vary"]),
        LintRule("vcl/personal-cache-key", .warning, "the cache key holds something about the visitor"),
        LintRule("vcl/cached-cookie", .warning, "responses are kept with their Set-Cookie"),
        LintRule("vcl/hash-without-host", .warning, "the cache key does not hold the host"),
        LintRule("vcl/pass-everything", .warning, "nothing is ever kept"),
        LintRule("vcl/header-never-read", .warning, "a request header is set and read by nobody"),
    ]

    static let security: [LintRule] = [
        LintRule("vcl/secret", .warning, "a secret stands in the program"),
        LintRule("vcl/open-purge", .warning, "anybody may purge"),
        LintRule("vcl/open-redirect", .warning, "a visitor chooses where a redirect leads"),
        LintRule("vcl/trusted-forwarded-for", .warning, "an address that the visitor wrote is trusted"),
        LintRule("vcl/unescaped-synthetic", .warning, "a page holds text of the visitor's as it came"),
        LintRule("vcl/debug-header", .info, "a response tells everybody about the inside"),
    ]

    static let style: [LintRule] = [
        LintRule("vcl/deprecated", .warning, "a name that is going away", ["deprecated"], fixable: true),
        LintRule(
            "vcl/time-arithmetic", .warning, "a time is added to inside a text", ["operator/time-calculation"]
        ),
        LintRule("vcl/ip-literal", .error, "a literal that is no IP address", ["valid-ip"]),
    ]
}
