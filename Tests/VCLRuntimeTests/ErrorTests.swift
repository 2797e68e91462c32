import Diagnostics
import Testing
import VCLRuntime

/// Wrong programs and what people are told of them.
@Suite struct ErrorTests {
    static let golden = Golden("Errors")

    @Test func hasAtLeastFortyWrongPrograms() { #expect(ErrorTests.golden.names.count >= 40) }

    @Test(arguments: golden.names)
    func tellsEachMistakeOnce(name: String) throws {
        let compiler = Compiler()
        let program = compiler.compile(
            SourceFile(name: name + ".vcl", text: try ErrorTests.golden.input(name)))
        #expect(program == nil, "\(name) is a program")
        try ErrorTests.golden.compare(name, compiler.diagnostics.placed(in: compiler.sources).rendered())
    }
}
