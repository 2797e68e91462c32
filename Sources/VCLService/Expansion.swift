import Diagnostics
import Kernel
import VCL

// How the objects of a service become code, in the order in which Fastly's own expansion of the `#FASTLY`
// macros runs them: what every service has, the snippets of the state by priority, the objects without a
// condition, then for each condition, by its priority, the objects under it.
//
// Every object is a source of its own. Those under a condition are included by the condition's source, which
// is `if (STATEMENT) { include ...; }`: a mistake in the statement is found in the condition, one in an
// object in the object.

/// Code of one object, and the condition under which it runs; none when empty.
struct Piece {
    /// The source's name in diagnostics.
    let name: String
    let code: String
    var condition = ""
}

struct Expansion {
    let service: FastlyService
    /// Sources that others of this expansion include.
    private(set) var includes: [String: SourceFile] = [:]
    /// The internal statuses by which vcl_recv and vcl_fetch ask vcl_error for a response object.
    let statuses: [(object: FastlyService.ResponseObject, status: Int)]

    static let firstStatus = 900

    init(_ service: FastlyService) {
        self.service = service
        statuses = service.responseObjects.enumerated().map { ($1, Expansion.firstStatus + $0) }
    }

    // MARK: snippets

    static func source(of snippet: FastlyService.Snippet) -> SourceFile {
        SourceFile(
            name: snippet.path ?? "snippet \"\(snippet.name)\" (\(snippet.kind.rawValue))",
            text: snippet.content)
    }

    /// By priority; of one priority by name.
    func snippets(_ kind: FastlyService.Snippet.Kind) -> [SourceFile] {
        service.snippets.filter { $0.kind == kind }
            .sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
            .map { Expansion.source(of: $0) }
    }

    func generated(_ scope: Scope, _ lines: String) -> SourceFile {
        SourceFile(name: FastlyService.generatedPrefix + scope.subroutine, text: lines)
    }

    // MARK: conditions

    /// Pieces without a condition, then a source for each condition of this kind that pieces name, by
    /// priority.
    mutating func grouped(_ pieces: [Piece]) -> [SourceFile] {
        var sources = pieces.filter(\.condition.isEmpty).map { SourceFile(name: $0.name, text: $0.code) }
        for condition in service.conditions.sorted(by: { $0.priority < $1.priority }) {
            let own = pieces.filter { $0.condition == condition.name }
            if !own.isEmpty { sources.append(source(of: condition, around: own)) }
        }
        return sources
    }

    private mutating func source(of condition: FastlyService.Condition, around pieces: [Piece]) -> SourceFile
    {
        var text = "if (\(condition.statement)\n) {\n"
        for piece in pieces {
            text += "  include \"\(add(SourceFile(name: piece.name, text: piece.code)))\";\n"
        }
        return SourceFile(name: "condition \"\(condition.name)\"", text: text + "}\n")
    }

    /// The piece as it runs under one more condition, if one is named; nil when there is no such condition.
    mutating func piece(_ piece: Piece, under name: String) -> Piece? {
        if name.isEmpty { return piece }
        guard let condition = service.conditions.first(where: { $0.name == name }) else { return nil }
        let inner = source(of: condition, around: [piece])
        let key = add(inner)
        return Piece(name: inner.name, code: "include \"\(key)\";\n", condition: piece.condition)
    }

    private mutating func add(_ source: SourceFile) -> String {
        let key = "generated::\(includes.count)"
        includes[key] = source
        return key
    }
}
