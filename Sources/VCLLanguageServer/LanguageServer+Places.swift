import Diagnostics
import Kernel
import VCL
import VCLRuntime

/// A place that a request is about.
struct AskedPlace {
    let path: String
    let index: FileIndex
    let offset: Int
    /// The programs that the file is part of, one at least.
    let programs: [ProgramView]

    var program: ProgramView { programs[0] }
    var file: SourceFile { index.file }

    var mention: Mention? { index.isInComment(offset) ? nil : index.mention(at: offset) }

    /// What is named there, as the first program that knows it says.
    var symbol: (symbol: Symbol, span: Span)? {
        guard let mention else { return nil }
        let all = programs.map { $0.resolve(mention, in: path) }
        let known = zip(programs, all).first { $0.has($1.kind, $1.name) }
        return (known?.1 ?? all[0], mention.span)
    }
}

extension LanguageServer {
    mutating func asked(file parameters: JSONValue) throws(Refusal) -> (path: String, index: FileIndex) {
        guard let uri = parameters["textDocument"]?["uri"]?.string else {
            throw .invalidParameters("'textDocument.uri' is missing")
        }
        let path = DocumentURI.path(uri)
        guard let index = workspace.index(path) else {
            throw .invalidParameters("there is no file '\(path)'")
        }
        return (path, index)
    }

    mutating func asked(_ parameters: JSONValue) throws(Refusal) -> AskedPlace {
        let (path, index) = try asked(file: parameters)
        guard let offset = encoding.offset(parameters["position"], in: index.file) else {
            throw .invalidParameters("'position' is missing")
        }
        return AskedPlace(
            path: path, index: index, offset: offset, programs: workspace.programs(of: path))
    }

    func location(_ path: String, _ span: Span, in file: SourceFile) -> JSONValue {
        ["uri": .string(uri(path)), "range": encoding.range(span, in: file)]
    }

    /// Every place of the programs that names the same, each once, file by file.
    func mentions(of symbol: Symbol, in programs: [ProgramView]) -> [(
        path: String, index: FileIndex, mention: Mention
    )] {
        var seen: Set<Place> = []
        return programs.flatMap { $0.mentions(of: symbol) }
            .filter { seen.insert(Place(path: $0.path, start: $0.mention.span.start)).inserted }
    }

    private struct Place: Hashable {
        let path: String
        let start: Int
    }
}
