import Testing

@testable import Diagnostics

@Suite struct DiagnosticTests {
    let sources = SourceSet([
        SourceFile(name: "edge/main.vcl", text: "sub vcl_recv {\n  set req.ulr = \"/\";\n}\n")
    ])

    @Test func underlinesTheWholeName() {
        let mistake = Diagnostic(
            "vcl/unknown-variable", at: Span(start: 21, end: 28), "unknown variable 'req.ulr'",
            hint: "did you mean 'req.url'?")
        #expect(
            [mistake].placed(in: sources).rendered() == """
                edge/main.vcl:2:7: error: unknown variable 'req.ulr' [vcl/unknown-variable]
                  2 |   set req.ulr = "/";
                    |       ^~~~~~~
                    = hint: did you mean 'req.url'?

                """)
    }

    @Test func readsInOrderAndSaysEachOnce() {
        let late = Diagnostic("a/b", at: Span(start: 21, end: 24), "late")
        let early = Diagnostic("a/b", at: Span(start: 0, end: 3), "early")
        #expect([late, early, late].placed(in: sources).map(\.message) == ["early", "late"])
    }

    @Test func countsColumnsInCharacters() {
        let file = SourceFile(name: "x", text: "é = ü!\n")
        #expect(file.position(of: 7) == (1, 6))
        #expect(file.offset(line: 1, column: 6) == 7)
        #expect(file.position(of: 99) == (2, 1))
    }

    @Test func survivesTheEndOfTheFile() {
        let mistake = Diagnostic("a/b", at: Span(start: 500, end: 600), "beyond")
        #expect([mistake].placed(in: sources).first?.line == 4)
    }
}
