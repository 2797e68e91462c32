import Diagnostics
import Testing
import VCL

@Suite struct FormatterTests {
    static let golden = Golden("Format")

    @Test func hasGoldenFiles() { #expect(FormatterTests.golden.names.count >= 8) }

    @Test(arguments: golden.names)
    func writesTheOneStyle(name: String) throws {
        let text = try FormatterTests.golden.input(name)
        let formatted = try #require(format(text))
        try FormatterTests.golden.compare(name, formatted)
        #expect(FormatCheck.complaint(about: text) == nil)
    }

    @Test func changesNothingThatDoesNotParse() {
        guard case .broken(let found) = Formatter.format(SourceFile(name: "t.vcl", text: "sub a { set; }"))
        else {
            Issue.record("formatted")
            return
        }
        #expect(found.map(\.message) == ["expected a variable, found ';'"])
    }

    @Test func formatsASnippet() {
        #expect(format("if(a){esi;}\n\n\nset b=c;") == "if (a) {\n  esi;\n}\n\nset b = c;\n")
        guard case .broken(let found) = Formatter.format(SourceFile(name: "t.vcl", text: "esi; set;")) else {
            Issue.record("formatted")
            return
        }
        #expect(found.map(\.message) == ["expected a variable, found ';'"])
    }

    @Test(arguments: [
        ("", ""), ("\n\n", ""), ("// a", "// a\n"), ("sub a{}", "sub a {}\n"), ("sub a{\n\n}", "sub a {}\n"),
        ("sub a { // b\n}", "sub a { // b\n}\n"), ("sub a{esi;/* b */}", "sub a {\n  esi; /* b */\n}\n"),
        ("import a;import b;\nsub c{}sub d{}", "import a;\nimport b;\n\nsub c {}\n\nsub d {}\n"),
        (
            "include \"a\";\n// b\nsub b{}\n// c\n\n\n// d",
            "include \"a\";\n\n// b\nsub b {}\n\n// c\n\n// d\n"
        ),
        ("sub a{set b={\"x\n  y\"};}", "sub a {\n  set b = {\"x\n  y\"};\n}\n"),
        ("sub a{\r\n  esi; // b \t\r\n}\r\n", "sub a {\n  esi; // b\n}\n"),
        ("acl a{ \"10.0.0.0\"/ /* b */8;}", "acl a {\n  \"10.0.0.0\"/ /* b */ 8;\n}\n"),
        ("sub a{if(b // c\n&&d){}}", "sub a {\n  if (b // c\n      && d) {}\n}\n"),
        ("sub a // b\n{}", "sub a { // b\n}\n"), ("sub a\n// b\n{ esi; }", "sub a {\n  // b\n  esi;\n}\n"),
        ("sub a{if(b){}\n// c\nelse{}}", "sub a {\n  if (b) {}\n  // c\n  else {}\n}\n"),
        ("sub a{error b(c)\n+\"d\";}", "sub a {\n  error b(c) + \"d\";\n}\n"),
        ("sub a{f(/* b */c,\n// d\ne);}", "sub a {\n  f(/* b */ c,\n      // d\n      e);\n}\n"),
    ])
    func keepsWhatStandsBetweenTheWords(text: String, expected: String) {
        #expect(format(text) == expected)
        #expect(FormatCheck.complaint(about: text) == nil)
    }

    private func format(_ text: String) -> String? {
        guard case .formatted(let out) = Formatter.format(SourceFile(name: "t.vcl", text: text)) else {
            return nil
        }
        return out
    }
}

/// What formatting must hold for every text.
enum FormatCheck {
    /// What is wrong with how `text` is formatted; nil when nothing is, or when it does not parse.
    static func complaint(about text: String) -> String? {
        let source = SourceFile(name: "t.vcl", text: text)
        guard case .formatted(let once) = Formatter.format(source) else { return nil }
        let formatted = SourceFile(name: "t.vcl", text: once)
        guard case .formatted(let twice) = Formatter.format(formatted) else {
            return "does not parse:\n\(once)"
        }
        if once != twice { return "formatted again it differs:\n\(once)\n---\n\(twice)" }
        if dump(source) != dump(formatted) { return "means something else:\n\(once)" }
        let (before, after) = (comments(source), comments(formatted))
        if before != after { return "other comments \(after) than \(before):\n\(once)" }
        return nil
    }

    private static func dump(_ source: SourceFile) -> String {
        let (tree, mistakes) = Parser.parse(source, file: 0)
        return mistakes.isEmpty
            ? TreeDump.of(tree, source) : TreeDump.of(Parser.body(source, file: 0).body, source)
    }

    private static func comments(_ source: SourceFile) -> [String] {
        Parser.parse(source, file: 0).tree.comments.map { source.text($0.span) }
    }
}
