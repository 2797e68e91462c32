import Testing

@testable import VCLLint

@Suite struct RegexExplosionTests {
    @Test(arguments: [
        #"^(a+)+$"#, #"^(a*)*$"#, #"(a|a)*b"#, #"^(a|ab|b)*$"#, #"^(\w+\s?)*$"#, #"(.*,)*x"#,
        #"^([a-z]+-?)+\.html$"#, #"^(([a-z0-9])+.)+[A-Z]"#, #"(x+x+)+y"#, #"^(a{2,5})*$"#,
        #"^(?:[^/]*/?)*\.php$"#, #"(?i)^(aB|Ab)*c"#, #"^((\d+)*)*$"#, #"^(/[^?]*)+\?x"#, #"^(\s*\S*)*;"#,
    ]) func tellsAboutPatternsThatReadOneTextInSeveralWays(_ pattern: String) {
        #expect(RegexExplosion.isPossible(in: pattern))
    }

    @Test(arguments: [
        #"^/(foo|bar)/(.*)$"#, #"([^&]*&)*utm_source="#, #"^(?:[a-z0-9-]+\.)+example\.com$"#,
        #"^([0-9]{1,3}\.){3}[0-9]{1,3}$"#, #"\.(jpe?g|png|gif)(\?.*)?$"#, #"(^|&)utm_[^&]*"#,
        #"^/[a-z]+(-[a-z]+)*\.html$"#, #"^(\w+\s?)*"#, #"^(a+)+"#, #"^(.+\.)?example\.com$"#,
        #"^\d{1,3}(,\d{3})*$"#, #"^(([a-z]+)++-?)*$"#, #"^(?>a+)+$"#, #"^([^,]*,)*end$"#,
        #"^"([^"\\]|\\.)*"$"#, #"(?i)^(Mozilla|Opera)/[0-9.]+ \(([^;)]*;)*[^)]*\)"#, #"^(GET|HEAD)$"#,
        #"^/(?:[^/]+/)*(?=x)"#, #"^(en|fr|de)(-[A-Z]{2})?(,(en|fr|de)(-[A-Z]{2})?)*$"#,
    ]) func leavesSafeOnesAlone(_ pattern: String) {
        #expect(!RegexExplosion.isPossible(in: pattern))
    }

    @Test(arguments: [
        ("a", 0), ("(a)(b)", 2), ("(?:a)(b)", 1), ("(?<n>a)(?P<m>b)", 2), (#"\(a\)[(]"#, 0), ("((a)|(b))", 3),
        ("(?i)(a)(?=b)", 1), ("a(?#c)(d)", 1),
    ]) func countsCapturingGroups(_ pattern: String, _ count: Int) {
        #expect(RegexTree.groups(in: pattern) == count)
    }

    @Test func endsOnBrokenAndHugePatterns() {
        for pattern in ["(", "[", "[]", "a{", "a{1,", "(?", "(?<", "\\", "[\\", "*", ")", "|"] {
            _ = RegexTree.groups(in: pattern)
            _ = RegexExplosion.isPossible(in: pattern + ")*x")
        }
        _ = RegexExplosion.isPossible(in: String(repeating: "(", count: 5000) + ")*x")
        _ = RegexExplosion.isPossible(in: "^(" + (0..<500).map { "w\($0)" }.joined(separator: "|") + ")*$")
    }
}
