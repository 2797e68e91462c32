import Diagnostics
import VCL

/// What the parser makes of a text, as tests compare it.
enum Reading {
    static func program(_ text: String) -> (dump: String, messages: [String]) {
        let source = SourceFile(name: "t.vcl", text: text)
        let (tree, diagnostics) = Parser.parse(source, file: 0)
        return (TreeDump.of(tree, source), diagnostics.map { message($0, source) })
    }

    static func body(_ text: String) -> (dump: String, messages: [String]) {
        let source = SourceFile(name: "t.vcl", text: text)
        let (body, diagnostics) = Parser.body(source, file: 0)
        return (TreeDump.of(body, source), diagnostics.map { message($0, source) })
    }

    static func expression(_ text: String) -> (dump: String, messages: [String]) {
        let source = SourceFile(name: "t.vcl", text: text)
        let (tree, diagnostics) = Parser.expression(source, file: 0)
        return (tree.map { TreeDump.of($0, source) } ?? "", diagnostics.map { message($0, source) })
    }

    private static func message(_ mistake: Diagnostic, _ source: SourceFile) -> String {
        let place = source.position(of: mistake.span.start)
        return "\(place.line):\(place.column) \(mistake.message)"
    }
}
