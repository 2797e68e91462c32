import Diagnostics
import VCL
import VCLLint
import VCLRuntime

/// A program as the server sees it: its main file, what that includes, and what all of them declare.
final class ProgramView {
    struct Part {
        let path: String
        let index: FileIndex
        /// The sub that includes it; nil for a file of declarations.
        let owner: String?
    }

    struct Place {
        let path: String
        let index: FileIndex
        let declared: Declared
    }

    let main: String
    let parts: [Part]
    /// The files that includes name, by what they name them.
    private let resolved: [String: String]
    private let model: ServiceModel
    private let options: LintOptions
    /// The sub to which a file's statements belong, for files without declarations.
    private let owners: [String: String]
    private(set) var declared: [Symbol: [Place]] = [:]
    /// The states from which each sub can be reached.
    private(set) var scopes: [String: Scopes] = [:]
    /// What is wrong or doubtful in each file, in reading order, each once.
    private(set) lazy var diagnostics: [String: [Diagnostic]] = check()
    /// The files that spans of the diagnostics' fixes are in.
    private(set) var checked = SourceSet()

    init(main: String, parts: [Part], resolved: [String: String], model: ServiceModel, options: LintOptions) {
        self.main = main
        self.parts = parts
        self.resolved = resolved
        self.model = model
        self.options = options
        var owners: [String: String] = [:]
        for part in parts where part.index.isBody {
            owners[part.path] = part.owner ?? ProgramView.scope(ofSnippet: part.path)?.subroutine ?? ""
        }
        self.owners = owners
        for (number, file) in model.prelude.enumerated() {
            declare(Part(path: file.name, index: FileIndex(file, revision: -1 - number), owner: nil))
        }
        for part in parts { declare(part) }
        findScopes()
    }

    func isMade(of parts: [Part], _ resolved: [String: String]) -> Bool {
        self.resolved == resolved
            && self.parts.map(\.index.revision) == parts.map(\.index.revision)
            && self.parts.map(\.owner) == parts.map(\.owner)
    }

    func index(_ path: String) -> FileIndex? { parts.first { $0.path == path }?.index }

    private func declare(_ part: Part) {
        var queue = part.index.declared
        while let next = queue.popLast() {
            queue += next.children
            let symbol = owned(next.symbol, in: part.path)
            declared[symbol, default: []].append(
                Place(path: part.path, index: part.index, declared: next))
        }
    }

    /// The state that the name of a snippet's file or folder ends with: `recv.vcl`, `geo_recv.vcl`,
    /// `deliver/headers.vcl`.
    private static func scope(ofSnippet path: String) -> Scope? {
        let name = FilePath.name(of: FilePath.folder(of: path)) + "/" + FilePath.name(of: path)
        let words = name.lowercased().split { !$0.isLetter }.map(String.init)
        return words.reversed().lazy.compactMap { Scope(rawValue: $0) }.first
    }

    private func findScopes() {
        var calls: [String: Set<String>] = [:]
        for part in parts {
            for (owner, called) in part.index.calls {
                calls[owner.isEmpty ? owners[part.path] ?? "" : owner, default: []].formUnion(called)
            }
        }
        for scope in Scope.allCases {
            var queue = [scope.subroutine]
            var seen: Set<String> = []
            while let name = queue.popLast() {
                guard seen.insert(name).inserted else { continue }
                scopes[name, default: []].insert(Scopes(scope))
                queue += calls[name] ?? []
            }
        }
    }

    // MARK: names

    private func owned(_ symbol: Symbol, in path: String) -> Symbol {
        guard symbol.kind == .local || symbol.kind == .label, symbol.owner.isEmpty else { return symbol }
        var symbol = symbol
        symbol.owner = owners[path] ?? ""
        return symbol
    }

    /// What a mention in one of the program's files names.
    func resolve(_ mention: Mention, in path: String) -> Symbol {
        var symbol = mention.symbol
        switch symbol.kind {
        case .local, .label: return owned(symbol, in: path)
        case .function: if has(.sub, symbol.name) { symbol.kind = .sub }
        case .word: symbol.kind = kind(ofWord: symbol.name) ?? .variable
        case .include: symbol.name = resolved[symbol.name] ?? symbol.name
        default: break
        }
        return symbol
    }

    private func kind(ofWord word: String) -> Symbol.Kind? {
        let kinds: [Symbol.Kind] = [.backend, .acl, .table, .penaltybox, .ratecounter]
        return kinds.first { has($0, word) } ?? supplied(word)
    }

    /// What the service supplies under this name.
    private func supplied(_ word: String) -> Symbol.Kind? {
        model.dictionaries.contains(word) ? .table : model.accessLists.contains(word) ? .acl : nil
    }

    func has(_ kind: Symbol.Kind, _ name: String) -> Bool {
        declared[Symbol(kind: kind, name: name)] != nil
    }

    /// The names of one kind, in order.
    func names(_ kind: Symbol.Kind) -> [String] {
        let own = declared.keys.filter { $0.kind == kind && $0.owner.isEmpty }.map(\.name)
        let supplied = kind == .table ? model.dictionaries : kind == .acl ? model.accessLists : []
        return Set(own + supplied).sorted()
    }

    /// Whether the service supplies what has this name.
    func isDictionary(_ name: String) -> Bool { supplied(name) != nil }

    /// What one sub declares.
    func inside(_ owner: String, _ kind: Symbol.Kind) -> [Declared] {
        declared.filter { $0.key.kind == kind && $0.key.owner == owner }.compactMap {
            $0.value.first?.declared
        }
        .sorted { $0.symbol.name < $1.symbol.name }
    }

    func first(_ symbol: Symbol) -> Place? { declared[symbol]?.first }

    /// Every place that names this, file by file.
    func mentions(of symbol: Symbol) -> [(path: String, index: FileIndex, mention: Mention)] {
        parts.flatMap { part in
            part.index.mentions.filter { resolve($0, in: part.path) == symbol }
                .map { (part.path, part.index, $0) }
        }
    }

    /// The sub that a place belongs to; "" where it is unknown.
    func owner(at offset: Int, in path: String) -> String {
        guard let index = index(path) else { return "" }
        if index.isBody { return owners[path] ?? "" }
        guard let found = index.declaration(around: offset) else { return "" }
        return found.keyword == "hook" ? "\(found.symbol.name)@\(found.span.start)" : found.symbol.name
    }

    func file(ofInclude text: String) -> String? { resolved[text] }

    // MARK: mistakes

    private func check() -> [String: [Diagnostic]] {
        guard let first = parts.first else { return [:] }
        let scope = Scope.allCases.first { $0.subroutine == owners[first.path] }
        // Tests know names that no program has; `hq vcl test` checks them. A snippet of an unknown state may
        // use any.
        if first.index.isTest || (first.index.isBody && scope == nil) {
            checked = SourceSet([first.index.file])
            return [first.path: first.index.mistakes.inReadingOrder]
        }
        var found: [String: [Diagnostic]] = [:]
        var seen: Set<Told> = []
        for diagnostic in findings(first.index.file, scope) {
            guard let path = checked.file(of: diagnostic.span)?.name, index(path) != nil else { continue }
            // A file that is included twice is checked twice.
            let told = Told(path: path, start: diagnostic.span.start, message: diagnostic.message)
            if seen.insert(told).inserted { found[path, default: []].append(diagnostic) }
        }
        return found
    }

    /// What the linter says of a program, and the compiler of files that are only part of one: what these do
    /// not use others may.
    private func findings(_ main: SourceFile, _ scope: Scope?) -> [Diagnostic] {
        var model = model
        for (text, path) in resolved {
            if let index = index(path) { model.includes[text] = index.file }
        }
        guard scope != nil || Scope.allCases.contains(where: { has(.sub, $0.subroutine) }) else {
            let compiler = Compiler(model: model)
            _ = compiler.compile(main)
            checked = compiler.sources
            return compiler.diagnostics.inReadingOrder
        }
        var main = main
        if let scope {
            model.snippets[scope.rawValue, default: []].append(main)
            main = SourceFile(
                name: options.generatedPrefix + "sub",
                text: "sub \(scope.subroutine) {\n#FASTLY \(scope.rawValue)\n}\n")
        }
        let result = Linter.lint(main: main, model: model, options: options)
        checked = result.sources
        return result.findings
    }

    private struct Told: Hashable {
        let path: String
        let start: Int
        let message: String
    }
}
