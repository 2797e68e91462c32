import Diagnostics
import Kernel
import VCL

/// A change of one file that answers a diagnostic.
struct QuickFix {
    let title: String
    let span: Span
    let replacement: String
}

// Quick fixes, made from what the diagnostics say.
extension LanguageServer {
    mutating func codeActions(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let (path, index) = try asked(file: parameters)
        let file = index.file
        guard let start = encoding.offset(parameters["range"]?["start"], in: file),
            let end = encoding.offset(parameters["range"]?["end"], in: file)
        else { throw .invalidParameters("'range' is missing") }
        if let only = parameters["context"]?["only"]?.array,
            !only.contains(where: { $0 == "quickfix" || $0 == "" })
        {
            return []
        }
        var actions: [JSONValue] = []
        for program in workspace.programs(of: path) {
            for diagnostic in program.diagnostics[path] ?? []
            where diagnostic.span.start <= end && start <= diagnostic.span.end {
                for fix in LanguageServer.fixes(of: diagnostic, in: index) {
                    let action = self.action(fix, diagnostic, path, file)
                    if !actions.contains(action) { actions.append(action) }
                }
            }
        }
        return .array(actions)
    }

    private func action(_ fix: QuickFix, _ diagnostic: Diagnostic, _ path: String, _ file: SourceFile)
        -> JSONValue
    {
        let edit: JSONValue = [
            "range": encoding.range(fix.span, in: file), "newText": .string(fix.replacement),
        ]
        return [
            "title": .string(fix.title), "kind": "quickfix", "isPreferred": true,
            "diagnostics": [told(diagnostic, in: file)],
            "edit": ["changes": .object([uri(path): [edit]])],
        ]
    }

    private static func fixes(of diagnostic: Diagnostic, in index: FileIndex) -> [QuickFix] {
        [suggestion(diagnostic, index.file), missing(diagnostic), declaring(diagnostic, index)]
            .compactMap(\.self)
    }

    /// `did you mean 'x'?`
    private static func suggestion(_ diagnostic: Diagnostic, _ file: SourceFile) -> QuickFix? {
        let lead = "did you mean '"
        guard let hint = diagnostic.hint, hint.hasPrefix(lead),
            let end = hint.dropFirst(lead.count).lastIndex(of: "'")
        else { return nil }
        let name = String(hint[hint.index(hint.startIndex, offsetBy: lead.count)..<end])
        let written = file.text(diagnostic.span)
        guard !written.isEmpty, !written.contains(where: \.isWhitespace) else { return nil }
        let new = written.hasPrefix("\"") ? "\"\(name)\"" : name
        return QuickFix(title: "Replace with '\(name)'", span: diagnostic.span, replacement: new)
    }

    /// `expected ';', found ...`
    private static func missing(_ diagnostic: Diagnostic) -> QuickFix? {
        for sign in [";", ")"]
        where diagnostic.message.hasPrefix("expected '\(sign)', found") && diagnostic.hint == nil {
            let place = Span(start: diagnostic.span.start, end: diagnostic.span.start)
            return QuickFix(title: "Insert '\(sign)'", span: place, replacement: sign)
        }
        return nil
    }

    /// `write 'declare local var.x STRING;'`
    private static func declaring(_ diagnostic: Diagnostic, _ index: FileIndex) -> QuickFix? {
        let lead = "write 'declare local "
        guard let hint = diagnostic.hint, hint.hasPrefix(lead), hint.hasSuffix(";'"),
            let sub = index.declaration(around: diagnostic.span.start)
        else { return nil }
        let statement = hint.dropFirst("write '".count).dropLast()
        let opening = index.tokens.first { $0.kind == .leftBrace && $0.span.start >= sub.span.end }
        guard let opening else { return nil }
        // With the indentation of the sub's first statement.
        let next = index.tokens.first { $0.span.start >= opening.span.end }
        let file = index.file
        let line = next.map { file.lineText(TextEncoding.line(of: $0.span.start, in: file) + 1) } ?? ""
        let indent = next?.startsLine == true ? String(line.prefix { $0 == " " || $0 == "\t" }) : "  "
        return QuickFix(
            title: "Declare '\(file.text(diagnostic.span))' as STRING",
            span: Span(start: opening.span.end, end: opening.span.end), replacement: "\n\(indent)\(statement)"
        )
    }
}
