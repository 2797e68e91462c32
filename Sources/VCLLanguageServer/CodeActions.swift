import Diagnostics
import Kernel
import VCL

/// A change that answers a diagnostic.
struct QuickFix {
    struct Edit {
        /// A file of the program; nil for the one that the diagnostic is in.
        var path: String?
        let span: Span
        let replacement: String
    }

    let title: String
    let edits: [Edit]
    /// Whether it is what a person most likely wants.
    var isPreferred = true
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
                for fix in LanguageServer.fixes(of: diagnostic, in: index, program) {
                    let action = self.action(fix, diagnostic, path, program)
                    if !action.isNull, !actions.contains(action) { actions.append(action) }
                }
            }
        }
        return .array(actions)
    }

    private func action(_ fix: QuickFix, _ diagnostic: Diagnostic, _ path: String, _ program: ProgramView)
        -> JSONValue
    {
        var changes: [String: JSONValue] = [:]
        for edit in fix.edits {
            let target = edit.path ?? path
            guard let file = program.index(target)?.file else { return .null }
            let change: JSONValue = [
                "range": encoding.range(edit.span, in: file), "newText": .string(edit.replacement),
            ]
            changes[uri(target)] = .array((changes[uri(target)]?.array ?? []) + [change])
        }
        let told = program.index(path).map { self.told(diagnostic, in: $0.file) } ?? .null
        return [
            "title": .string(fix.title), "kind": "quickfix", "isPreferred": .bool(fix.isPreferred),
            "diagnostics": [told], "edit": ["changes": .object(changes)],
        ]
    }

    private static func fixes(of diagnostic: Diagnostic, in index: FileIndex, _ program: ProgramView)
        -> [QuickFix]
    {
        let own = diagnostic.fixes.map { fix in
            QuickFix(
                title: fix.description.prefix(1).uppercased() + fix.description.dropFirst(),
                edits: fix.edits.map {
                    QuickFix.Edit(
                        path: program.checked.file(of: $0.span)?.name, span: $0.span,
                        replacement: $0.replacement)
                }, isPreferred: fix.isSafe)
        }
        guard own.isEmpty else { return own }
        return [suggestion(diagnostic, index.file), missing(diagnostic), declaring(diagnostic, index)]
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
        return QuickFix(
            title: "Replace with '\(name)'", edits: [.init(span: diagnostic.span, replacement: new)])
    }

    /// `expected ';', found ...`
    private static func missing(_ diagnostic: Diagnostic) -> QuickFix? {
        for sign in [";", ")"]
        where diagnostic.message.hasPrefix("expected '\(sign)', found") && diagnostic.hint == nil {
            let place = Span(start: diagnostic.span.start, end: diagnostic.span.start)
            return QuickFix(title: "Insert '\(sign)'", edits: [.init(span: place, replacement: sign)])
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
            edits: [
                .init(
                    span: Span(start: opening.span.end, end: opening.span.end),
                    replacement: "\n\(indent)\(statement)")
            ])
    }
}
