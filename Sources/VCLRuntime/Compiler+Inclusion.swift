import Diagnostics
import VCL

// Code that stands in another file: what macros and includes are for.
extension Compiler {
    func macro(_ scope: String, _ span: Span, _ context: SubContext) -> StepCode? {
        // A snippet with its own macro in it would stand inside itself.
        guard !isInsideMacro else { return nil }
        isInsideMacro = true
        defer { isInsideMacro = false }
        let bodies = (model.snippets[scope] ?? []).flatMap { statements($0) }
        keep(bodies, inlinedAt: span)
        return bodies.isEmpty ? nil : block(bodies, context)
    }

    func includeBody(_ path: Expression, _ span: Span, _ context: SubContext) -> StepCode? {
        guard let file = include(path) else { return nil }
        includeDepth += 1
        defer { includeDepth -= 1 }
        let body = statements(file)
        keep(body, inlinedAt: span)
        return block(body, context)
    }

    private func statements(_ file: SourceFile) -> [Statement] {
        let (body, found) = Parser.body(file, file: addSource(file))
        add(found)
        return body
    }
}
