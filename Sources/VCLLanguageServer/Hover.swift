import Diagnostics
import Kernel
import VCL
import VCLRuntime

/// What a hover shows: code, then sentences.
struct HoverText {
    var code: String
    var paragraphs: [String] = []

    /// As markdown, or as plain text.
    func content(markdown: Bool) -> JSONValue {
        let parts = (markdown ? ["```vcl\n\(code)\n```"] : [code]) + paragraphs.filter { !$0.isEmpty }
        return [
            "kind": markdown ? "markdown" : "plaintext",
            "value": .string(parts.joined(separator: "\n\n")),
        ]
    }

    init(_ code: String, _ paragraphs: [String] = []) {
        self.code = code
        self.paragraphs = paragraphs
    }

    init(_ described: BuiltIns.Described) {
        code = described.signature
        paragraphs = [described.summary, described.facts.joined(separator: " ")]
    }
}

extension LanguageServer {
    mutating func hover(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        guard let (symbol, span) = place.symbol,
            let text = place.programs.compactMap({ self.text(for: symbol, in: $0) }).first
        else { return .null }
        return [
            "contents": text.content(markdown: client.markdown),
            "range": encoding.range(span, in: place.file),
        ]
    }

    /// What is worth saying of something named; nil for what nobody knows.
    func text(for symbol: Symbol, in program: ProgramView) -> HoverText? {
        if let found = program.first(symbol) { return declaration(found, symbol, in: program) }
        switch symbol.kind {
        case .function: return BuiltIns.function(symbol.name).map { HoverText($0) }
        case .variable, .header: return BuiltIns.variable(symbol.name).map { HoverText($0) }
        case .table where program.isDictionary(symbol.name):
            return HoverText(
                "table \(symbol.name) STRING",
                ["A dictionary of the service; its entries are not in the program."])
        case .acl where program.isDictionary(symbol.name):
            return HoverText(
                "acl \(symbol.name)",
                ["A list of addresses of the service; its entries are not in the program."])
        case .include: return program.index(symbol.name).map { HoverText("include \"\($0.file.name)\"") }
        default: return nil
        }
    }

    private func declaration(_ place: ProgramView.Place, _ symbol: Symbol, in program: ProgramView)
        -> HoverText
    {
        let declared = place.declared
        var facts = [declared.comment]
        if symbol.kind == .sub {
            let scopes = program.scopes[symbol.name] ?? []
            facts.append(
                scopes.isEmpty
                    ? "Never called."
                    : "Runs in " + scopes.names.map { "vcl_" + $0 }.joined(separator: ", ") + ".")
        }
        let file = FilePath.name(of: place.path)
        let line = TextEncoding.line(of: declared.span.start, in: place.index.file) + 1
        facts.append("Declared in \(file), line \(line).")
        return HoverText(code(declared, in: place.index.file), facts)
    }

    /// The declaration as written; of a sub its head, of a long list its beginning.
    private func code(_ declared: Declared, in file: SourceFile) -> String {
        switch declared.keyword {
        case "sub":
            let space = declared.detail.isEmpty || declared.detail.hasPrefix("(") ? "" : " "
            return "sub \(declared.symbol.name)\(space)\(declared.detail)"
        case "local": return "declare local \(declared.symbol.name) \(declared.type);"
        case "label": return "\(declared.symbol.name):"
        default:
            let lines = file.text(declared.whole).split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > LanguageServerLimits.mostHoverLines else {
                return lines.joined(separator: "\n")
            }
            let shown = lines.prefix(LanguageServerLimits.mostHoverLines - 2).joined(separator: "\n")
            return shown + "\n  ... \(lines.count - LanguageServerLimits.mostHoverLines + 1) more lines\n}"
        }
    }
}
