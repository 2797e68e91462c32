import Diagnostics
import VCL
import VCLRuntime

/// Fills a program's lists from its tree.
final class ProgramReader {
    private unowned let program: LintedProgram
    private var sub = -1
    private var subName = ""
    private var condition = -1
    private var order = 0

    init(_ program: LintedProgram) { self.program = program }

    private var place: Place { Place(sub: sub, condition: condition, order: order) }

    func read() {
        for declaration in program.declarations { read(declaration) }
        for (index, one) in program.subs.enumerated() {
            sub = index
            subName = one.name
            condition = -1
            read(one.body)
        }
    }

    private func read(_ declaration: Declaration) {
        switch declaration.kind {
        case .backend(let properties): read(properties)
        case .director(_, let properties, let members):
            read(properties)
            for member in members { read(member) }
        case .table(_, let entries): for entry in entries { read(entry.value) }
        default: break
        }
    }

    private func read(_ properties: [Property]) {
        for property in properties {
            switch property.value {
            case .expression(let value): read(value)
            case .block(let inner): read(inner)
            }
        }
    }

    // MARK: statements

    private func read(_ statements: [Statement]) { for statement in statements { read(statement) } }

    private func read(_ statement: Statement) {
        order += 1
        switch statement.kind {
        case .set(let target, let symbol, let value):
            read(value)
            assign(target, program.text(symbol), value, .set)
        case .add(let target, let value):
            read(value)
            assign(target, "add", value, .add)
        case .declare(let name, let type), .declareInBlock(let name, let type):
            program.locals.append(
                LocalVariable(
                    name: program.normal(program.text(name), in: subName).name, span: name.span,
                    type: program.text(type), statement: statement.span, place: place))
        case .unset(let target): mention(program.text(target), .unset, target.span)
        case .call(let name, let arguments):
            for argument in arguments { read(argument) }
            call(program.text(name), arguments, statement.span)
        case .function(let value), .log(let value): read(value)
        case .error(let status, let response): error(status, response, statement.span)
        case .restart: exit(.restart, statement.span)
        case .return(let value, _): returning(value, statement.span)
        case .synthetic(let value, _):
            read(value)
            keep("synthetic", value.span, "=", value)
        case .if(let branches, let otherwise): conditional(branches, otherwise)
        case .switch(let value, let cases): switching(value, cases)
        case .macro, .include: read(program.inlined[statement.span] ?? [])
        case .block(let body): read(body)
        case .label, .goto: program.hasJumps = true
        default: break
        }
    }

    private func assign(_ target: Name, _ symbol: String, _ value: Expression, _ kind: Mention.Kind) {
        let name = mention(program.text(target), kind, target.span)
        keep(name, target.span, symbol, value)
    }

    private func keep(_ target: String, _ span: Span, _ symbol: String, _ value: Expression) {
        program.assignments.append(
            Assignment(target: target, span: span, operation: symbol, value: value, place: place))
    }

    private func exit(_ kind: Exit.Kind, _ span: Span) {
        program.exits.append(Exit(kind: kind, span: span, place: place))
    }

    private func error(_ status: Expression?, _ response: Expression?, _ span: Span) {
        if let status { read(status) }
        if let response {
            read(response)
            keep("obj.response", response.span, "=", response)
        }
        exit(.error(status: status.flatMap { program.integer($0) }), span)
    }

    private func returning(_ value: Expression?, _ span: Span) {
        guard let value else { return exit(.none, span) }
        if program.subs[sub].returnsValue {
            read(value)
            return keep("sub:" + subName, value.span, "=", value)
        }
        guard let action = program.name(value).flatMap({ Action(rawValue: $0) }) else { return }
        exit(action == .restart ? .restart : .action(action), span)
    }

    private func conditional(_ branches: [Statement.Branch], _ otherwise: [Statement]?) {
        let outer = condition
        for branch in branches {
            read(branch.condition)
            let before = condition
            enter(branch.condition, failed: false)
            read(branch.body)
            condition = before
            enter(branch.condition, failed: true)
        }
        if let otherwise { read(otherwise) }
        condition = outer
    }

    private func enter(_ test: Expression, failed: Bool) {
        program.conditions.append(EnclosingCondition(condition: test, failed: failed, outer: condition))
        condition = program.conditions.count - 1
    }

    private func switching(_ value: Expression, _ cases: [Statement.SwitchCase]) {
        read(value)
        let outer = condition
        for one in cases {
            switch one.test {
            case .value(let test): read(test)
            case .match(let pattern):
                read(pattern)
                match(value, pattern, negated: false, pattern.span)
            case .otherwise: break
            }
            enter(value, failed: false)
            read(one.body)
            condition = outer
        }
    }

    // MARK: expressions

    private func read(_ expression: Expression) {
        switch expression.kind {
        case .name: mention(program.text(expression.span), .read, expression.span)
        case .string(let long):
            program.literals.append(Literal(span: expression.span, isLong: long, place: place))
        case .call(let name, let arguments):
            for argument in arguments { read(argument) }
            call(program.text(name), arguments, expression.span)
        case .binary(let symbol, let left, let right):
            read(left)
            read(right)
            if symbol == .match || symbol == .notMatch {
                match(left, right, negated: symbol == .notMatch, expression.span)
            } else if symbol == .equal || symbol == .notEqual {
                program.comparisons.append(
                    Comparison(left: left, right: right, negated: symbol == .notEqual, place: place))
            }
        case .concatenation(let parts): for part in parts { read(part) }
        case .not(let inner), .negative(let inner), .group(let inner): read(inner)
        default: break
        }
    }

    private func match(_ subject: Expression, _ pattern: Expression, negated: Bool, _ span: Span) {
        program.matches.append(
            Match(subject: subject, pattern: pattern, negated: negated, span: span, place: place))
    }

    private func call(_ name: String, _ arguments: [Expression], _ span: Span) {
        program.calls.append(Call(name: name, arguments: arguments, span: span, place: place))
    }

    @discardableResult
    private func mention(_ word: String, _ kind: Mention.Kind, _ span: Span) -> String {
        let (name, subfield) = program.normal(word, in: subName)
        program.mentions.append(
            Mention(name: name, subfield: subfield, kind: kind, span: span, place: place))
        return name
    }
}
