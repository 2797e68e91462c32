package import Diagnostics

/// A tree as text, without places: two programs with the same dump say the same. Tests and the fuzzer compare
/// dumps.
///
/// `set req.http.A = "x" now;` is `(set req.http.A = (join "x" now))`.
package struct TreeDump {
    private let source: SourceFile
    private var out = ""

    package static func of(_ tree: SyntaxTree, _ source: SourceFile) -> String {
        var dump = TreeDump(source: source)
        for declaration in tree.declarations { dump.declaration(declaration) }
        return dump.out
    }

    package static func of(_ body: [Statement], _ source: SourceFile) -> String {
        var dump = TreeDump(source: source)
        dump.statements(body)
        return dump.out
    }

    package static func of(_ expression: Expression, _ source: SourceFile) -> String {
        var dump = TreeDump(source: source)
        dump.expression(expression)
        return dump.out
    }

    private init(source: SourceFile) { self.source = source }

    private func text(_ name: Name) -> String { source.text(name.span) }

    private mutating func list(_ head: String, _ body: (inout TreeDump) -> Void) {
        if !out.isEmpty { out += " " }
        out += "(" + head
        body(&self)
        out += ")"
    }

    private mutating func word(_ text: String) { out += (out.isEmpty ? "" : " ") + text }

    // MARK: declarations

    private mutating func declaration(_ declaration: Declaration) {
        let name = text(declaration.name)
        switch declaration.kind {
        case .acl(let entries):
            list("acl \(name)") { dump in
                for entry in entries {
                    let bits = entry.bits.map { "/" + dump.text($0) } ?? ""
                    dump.word((entry.negated ? "!" : "") + dump.text(entry.address) + bits)
                }
            }
        case .backend(let properties):
            list("backend \(name)") { $0.properties(properties) }
        case .director(let type, let properties, let members):
            list("director \(name) \(text(type))") { dump in
                dump.properties(properties)
                for member in members { dump.list("member") { $0.properties(member) } }
            }
        case .table(let type, let entries):
            list("table \(name)" + (type.map { " " + text($0) } ?? "")) { dump in
                for entry in entries { dump.list(dump.text(entry.key)) { $0.expression(entry.value) } }
            }
        case .sub(let returns, let parameters, let body):
            let all = parameters.map { "\(text($0.type)) \(text($0.name))" }.joined(separator: ", ")
            let type = returns.map { " -> " + text($0) } ?? ""
            list("sub \(name)" + (all.isEmpty ? "" : " [\(all)]") + type) { $0.statements(body) }
        case .penaltybox: word("(penaltybox \(name))")
        case .ratecounter: word("(ratecounter \(name))")
        case .import_: word("(import \(name))")
        case .include(let path): list("include") { $0.expression(path) }
        case .describe(let inner):
            list("describe \(name)") { dump in for one in inner { dump.declaration(one) } }
        case .hook(let before, let scope, let body):
            list("\(before ? "before" : "after") \(text(scope))") { $0.statements(body) }
        }
    }

    private mutating func properties(_ properties: [Property]) {
        for property in properties {
            list(text(property.name)) { dump in
                switch property.value {
                case .expression(let value): dump.expression(value)
                case .block(let inner): dump.properties(inner)
                }
            }
        }
    }

    // MARK: statements

    private mutating func statements(_ all: [Statement]) {
        for statement in all { self.statement(statement) }
    }

    private mutating func statement(_ statement: Statement) {
        switch statement.kind {
        case .declare(let name, let type): word("(declare \(text(name)) \(text(type)))")
        case .declareInBlock(let name, let type): word("(declare-block \(text(name)) \(text(type)))")
        case .set(let target, let symbol, let value):
            list("set \(text(target)) \(text(symbol))") { $0.expression(value) }
        case .unset(let target): word("(unset \(text(target)))")
        case .add(let target, let value): list("add \(text(target))") { $0.expression(value) }
        case .call(let name, let arguments):
            list("call \(text(name))") { dump in for one in arguments { dump.expression(one) } }
        case .function(let value): list("do") { $0.expression(value) }
        case .error(let status, let response):
            list("error") { dump in
                if let status { dump.expression(status) }
                if let response { dump.expression(response) }
            }
        case .restart: word("(restart)")
        case .esi: word("(esi)")
        case .break: word("(break)")
        case .fallthrough_: word("(fallthrough)")
        case .return(let value, let parenthesized):
            list(parenthesized ? "return()" : "return") { dump in
                if let value { dump.expression(value) }
            }
        case .synthetic(let value, let base64):
            list(base64 ? "synthetic.base64" : "synthetic") { $0.expression(value) }
        case .log(let value): list("log") { $0.expression(value) }
        case .goto(let name): word("(goto \(text(name)))")
        case .label(let name): word("(label \(text(name)))")
        case .macro(let scope): word("(macro \(scope))")
        case .include(let path): list("include") { $0.expression(path) }
        case .import_(let name): word("(import \(text(name)))")
        case .block(let body): list("block") { $0.statements(body) }
        case .if(let branches, let otherwise): conditional(branches, otherwise)
        case .switch(let value, let cases): choice(value, cases)
        }
    }

    private mutating func conditional(_ branches: [Statement.Branch], _ otherwise: [Statement]?) {
        list("if") { dump in
            for branch in branches {
                dump.expression(branch.condition)
                dump.list("then") { $0.statements(branch.body) }
            }
            if let otherwise { dump.list("else") { $0.statements(otherwise) } }
        }
    }

    private mutating func choice(_ value: Expression, _ cases: [Statement.SwitchCase]) {
        list("switch") { dump in
            dump.expression(value)
            for one in cases {
                dump.list("case") { dump in
                    switch one.test {
                    case .value(let value): dump.expression(value)
                    case .match(let value): dump.list("~") { $0.expression(value) }
                    case .otherwise: dump.word("default")
                    }
                    dump.statements(one.body)
                }
            }
        }
    }

    // MARK: expressions

    private mutating func expression(_ tree: Expression) {
        switch tree.kind {
        case .string, .integer, .float, .rtime, .percent, .name: word(source.text(tree.span))
        case .call(let name, let arguments):
            list("call \(text(name))") { dump in for one in arguments { dump.expression(one) } }
        case .concatenation(let parts):
            list("join") { dump in for part in parts { dump.expression(part) } }
        case .not(let inner): list("!") { $0.expression(inner) }
        case .negative(let inner): list("-") { $0.expression(inner) }
        case .group(let inner): list("group") { $0.expression(inner) }
        case .binary(let symbol, let left, let right):
            list(symbol.rawValue) { dump in
                dump.expression(left)
                dump.expression(right)
            }
        }
    }
}
