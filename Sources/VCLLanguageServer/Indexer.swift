import Diagnostics
import VCL
import VCLRuntime

/// Goes through the tree of a file and notes what it declares and names.
struct Indexer {
    private let file: SourceFile
    private(set) var declared: [Declared] = []
    private(set) var mentions: [Mention] = []
    private(set) var includes: [IncludedPath] = []
    private(set) var calls: [String: Set<String>] = [:]
    /// The sub that is being read; nil between declarations.
    private var owner: String?
    /// What the sub that is being read declares.
    private var inner: [Declared] = []
    private var tree = SyntaxTree?.none

    init(_ file: SourceFile) { self.file = file }

    mutating func read(_ tree: SyntaxTree) {
        self.tree = tree
        declared = tree.declarations.compactMap { read($0) }
    }

    /// Statements outside of a sub; their locals belong to whichever sub includes them.
    mutating func read(_ body: [Statement]) {
        owner = ""
        statements(body)
        declared = inner
    }

    private func text(_ name: Name) -> String { file.text(name.span) }

    private mutating func note(
        _ kind: Symbol.Kind, _ name: String, _ span: Span, _ role: Mention.Role = .read
    ) {
        let owned = kind == .local || kind == .label
        mentions.append(
            Mention(
                symbol: Symbol(kind: kind, name: name, owner: owned ? owner ?? "" : ""), span: span,
                role: role))
    }

    // MARK: declarations

    private mutating func read(_ declaration: Declaration) -> Declared? {
        switch declaration.kind {
        case .sub(let returns, let parameters, let body):
            return sub(declaration, returns, parameters, body)
        case .hook(_, _, let body):
            // Each group may have hooks of these names.
            owner = "\(text(declaration.name))@\(declaration.name.span.start)"
            return inside(declaration, .sub, keyword: "hook", body)
        case .describe(let group):
            return Declared(
                symbol: Symbol(kind: .word, name: text(declaration.name)), keyword: "describe",
                span: declaration.name.span, whole: declaration.span, detail: "",
                children: group.compactMap { read($0) })
        case .include(let path):
            include(path)
            return nil
        case .import_: return nil
        case .table(let type, let entries):
            for entry in entries { read(entry.value) }
            let type = type.map { text($0) } ?? "STRING"
            return data(
                declaration, .table, "table", "\(type), \(counted(entries.count, "entry", "entries"))", type)
        case .acl(let entries):
            return data(declaration, .acl, "acl", counted(entries.count, "entry", "entries"))
        case .backend(let properties):
            read(properties)
            return data(declaration, .backend, "backend", host(properties))
        case .director(let type, let own, let members):
            read(own)
            for member in members { read(member) }
            return data(declaration, .backend, "director", text(type))
        case .penaltybox: return data(declaration, .penaltybox, "penaltybox", "")
        case .ratecounter: return data(declaration, .ratecounter, "ratecounter", "")
        }
    }

    private mutating func data(
        _ declaration: Declaration, _ kind: Symbol.Kind, _ keyword: String, _ detail: String,
        _ type: String = ""
    ) -> Declared {
        note(kind, text(declaration.name), declaration.name.span, .declaration)
        return Declared(
            symbol: Symbol(kind: kind, name: text(declaration.name)), keyword: keyword,
            span: declaration.name.span,
            whole: declaration.span, detail: detail, comment: comment(before: declaration), type: type)
    }

    private func host(_ properties: [Property]) -> String {
        for property in properties where text(property.name) == ".host" {
            if case .expression(let value) = property.value { return file.text(value.span) }
        }
        return ""
    }

    private mutating func sub(
        _ declaration: Declaration, _ returns: Name?, _ parameters: [(type: Name, name: Name)],
        _ body: [Statement]
    ) -> Declared {
        let name = text(declaration.name)
        note(.sub, name, declaration.name.span, .declaration)
        owner = name
        let all = parameters.map { (type: text($0.type), name: text($0.name)) }
        for parameter in parameters { declare(parameter.name, type: parameter.type, parameter.name.span) }
        var signature =
            all.isEmpty ? "" : "(" + all.map { "\($0.type) \($0.name)" }.joined(separator: ", ") + ")"
        if let returns { signature += " " + text(returns) }
        var found = inside(declaration, .sub, keyword: "sub", body, detail: signature)
        found.type = returns.map { text($0) } ?? ""
        found.parameters = all
        return found
    }

    /// A declaration with statements; `owner` is set.
    private mutating func inside(
        _ declaration: Declaration, _ kind: Symbol.Kind, keyword: String, _ body: [Statement],
        detail: String = ""
    ) -> Declared {
        statements(body)
        defer {
            owner = nil
            inner = []
        }
        return Declared(
            symbol: Symbol(kind: kind, name: text(declaration.name)), keyword: keyword,
            span: declaration.name.span,
            whole: declaration.span, detail: detail.trimmingSpace, comment: comment(before: declaration),
            children: inner)
    }

    private func comment(before declaration: Declaration) -> String {
        guard let tree else { return "" }
        return tree.leadingComments(of: declaration).map { comment in
            file.text(comment.span).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.trimmingCommentMarks }.joined(separator: "\n")
        }.joined(separator: "\n").trimmingSpace
    }

    private mutating func declare(_ name: Name, type: Name, _ whole: Span) {
        note(.local, text(name), name.span, .declaration)
        inner.append(
            Declared(
                symbol: Symbol(kind: .local, name: text(name), owner: owner ?? ""), keyword: "local",
                span: name.span, whole: whole, detail: text(type), type: text(type)))
    }

    private mutating func read(_ properties: [Property]) {
        for property in properties {
            switch property.value {
            case .expression(let value): read(value)
            case .block(let block): read(block)
            }
        }
    }

    private mutating func include(_ path: Expression) {
        guard case .string(let long) = path.kind else { return }
        let written = Literals.string(file.text(path.span), long: long)
        includes.append(IncludedPath(text: written, span: path.span, owner: owner))
        note(.include, written, path.span)
    }

    // MARK: statements

    private mutating func statements(_ body: [Statement]) { for statement in body { read(statement) } }

    private mutating func read(_ statement: Statement) {
        switch statement.kind {
        case .declare(let name, let type), .declareInBlock(let name, let type):
            declare(name, type: type, statement.span)
        case .set(let target, _, let value), .add(let target, let value):
            variable(text(target), target.span, .write)
            read(value)
        case .unset(let target): variable(text(target), target.span, .write)
        case .call(let name, let arguments):
            note(.sub, text(name), name.span)
            calls[owner ?? "", default: []].insert(text(name))
            for argument in arguments { read(argument) }
        case .function(let value), .log(let value), .synthetic(let value, _): read(value)
        case .error(let status, let response):
            if let status { read(status) }
            if let response { read(response) }
        case .return(let value, _):
            // The state of `return(pass)` names nothing; the value of a functional sub does.
            if let value, !isState(value) { read(value) }
        case .if(let branches, let otherwise):
            for branch in branches {
                read(branch.condition)
                statements(branch.body)
            }
            statements(otherwise ?? [])
        case .switch(let value, let cases):
            read(value)
            for one in cases {
                if case .value(let test) = one.test { read(test) }
                statements(one.body)
            }
        case .goto(let name): note(.label, text(name), name.span)
        case .label(let name): label(name)
        case .include(let path): include(path)
        case .block(let body): statements(body)
        case .restart, .esi, .break, .fallthrough_, .macro, .import_: break
        }
    }

    private mutating func label(_ name: Name) {
        note(.label, text(name), name.span, .declaration)
        inner.append(
            Declared(
                symbol: Symbol(kind: .label, name: text(name), owner: owner ?? ""), keyword: "label",
                span: name.span, whole: name.span, detail: ""))
    }

    private func isState(_ value: Expression) -> Bool {
        switch value.kind {
        case .group(let inner): isState(inner)
        case .name: Action(rawValue: file.text(value.span)) != nil
        default: false
        }
    }

    // MARK: expressions

    private mutating func read(_ expression: Expression) {
        switch expression.kind {
        case .name: variable(file.text(expression.span), expression.span, .read)
        case .call(let name, let arguments):
            note(.function, text(name), name.span)
            calls[owner ?? "", default: []].insert(text(name))
            for argument in arguments { read(argument) }
        case .concatenation(let parts): for part in parts { read(part) }
        case .not(let inner), .negative(let inner), .group(let inner): read(inner)
        case .binary(_, let left, let right):
            read(left)
            read(right)
        case .string, .integer, .float, .rtime, .percent: break
        }
    }

    private mutating func variable(_ word: String, _ span: Span, _ role: Mention.Role) {
        if word.hasPrefix("var.") { return note(.local, word, span, role) }
        if let header = WrittenHeader(word) { return note(.header, header.symbolName, span, role) }
        guard let dot = word.firstIndex(of: ".") else { return note(.word, word, span, role) }
        note(.variable, word, span, role)
        // backend.F_origin.healthy and the like name something declared in their middle.
        guard let kind = Indexer.families[String(word[..<dot])] else { return }
        let rest = word[word.index(after: dot)...]
        guard let end = rest.firstIndex(of: ".") else { return }
        let start = span.start + word[...dot].utf8.count
        note(kind, String(rest[..<end]), Span(start: start, end: start + rest[..<end].utf8.count))
    }

    private static let families: [String: Symbol.Kind] = [
        "backend": .backend, "director": .backend, "ratecounter": .ratecounter,
    ]
}
