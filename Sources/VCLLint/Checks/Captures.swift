import Diagnostics
import VCL

/// Which match each `re.group.N` belongs to. A match that succeeds sets the groups, one that fails leaves them; so the walk
/// keeps, for each place, the matches that may have been the last to succeed.
enum Captures {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        var readers = [Bool](repeating: false, count: program.subs.count)
        for (name, reads) in program.reads where name.hasPrefix("re.group.") {
            for read in reads where read.place.sub >= 0 { readers[read.place.sub] = true }
        }
        for (number, sub) in program.subs.enumerated() where readers[number] {
            var walk = CaptureWalk(program: program, findings: findings)
            // A state starts without captures; what another sub finds is its caller's affair. A call changes none.
            var state = CaptureState(groups: [], mayBeUnset: true, mayBeUnknown: sub.state == nil)
            walk.block(sub.body, &state)
            findings = walk.findings
        }
    }
}

/// The matches that may have been the last, each with its number of groups.
private struct CaptureState {
    /// Few, so that a list is faster than a dictionary.
    var groups: [(match: Span, count: Int)]
    var mayBeUnset: Bool
    var mayBeUnknown: Bool

    static func of(_ match: Span, groups: Int) -> CaptureState {
        CaptureState(groups: [(match, groups)], mayBeUnset: false, mayBeUnknown: false)
    }

    static let unknown = CaptureState(groups: [], mayBeUnset: false, mayBeUnknown: true)

    mutating func join(_ other: CaptureState) {
        for one in other.groups {
            if let known = groups.firstIndex(where: { $0.match == one.match }) {
                groups[known].count = max(groups[known].count, one.count)
            } else {
                groups.append(one)
            }
        }
        mayBeUnset = mayBeUnset || other.mayBeUnset
        mayBeUnknown = mayBeUnknown || other.mayBeUnknown
    }

    func joined(_ other: CaptureState) -> CaptureState {
        var both = self
        both.join(other)
        return both
    }
}

private struct CaptureWalk {
    let program: LintedProgram
    var findings: Findings

    mutating func block(_ statements: [Statement], _ state: inout CaptureState) {
        for statement in statements { visit(statement, &state) }
    }

    private mutating func visit(_ statement: Statement, _ state: inout CaptureState) {
        switch statement.kind {
        case .set(_, _, let value), .add(_, let value), .log(let value), .function(let value),
            .synthetic(let value, _):
            read(value, &state)
        case .return(let value?, _): read(value, &state)
        case .error(let status, let response):
            for part in [status, response].compactMap(\.self) { read(part, &state) }
        case .call(_, let arguments):
            for argument in arguments { read(argument, &state) }
        case .if(let branches, let otherwise): branching(branches, otherwise, &state)
        case .switch(let value, let cases): switching(value, cases, &state)
        case .label: state = state.joined(.unknown)
        default: for body in program.bodies(of: statement) { block(body, &state) }
        }
    }

    private mutating func branching(
        _ branches: [Statement.Branch], _ otherwise: [Statement]?, _ state: inout CaptureState
    ) {
        var ends: [CaptureState] = []
        var rest = state
        for branch in branches {
            let (yes, no) = test(branch.condition, rest)
            var inside = yes
            block(branch.body, &inside)
            if !program.endsBlock(branch.body) { ends.append(inside) }
            rest = no
        }
        var last = rest
        if let otherwise { block(otherwise, &last) }
        if otherwise.map({ !program.endsBlock($0) }) ?? true { ends.append(last) }
        state = ends.dropFirst().reduce(into: ends.first ?? state) { $0.join($1) }
    }

    private mutating func switching(
        _ value: Expression, _ cases: [Statement.SwitchCase], _ state: inout CaptureState
    ) {
        read(value, &state)
        var after = state
        for one in cases {
            var inside = after
            if case .match(let pattern) = one.test { inside = .of(pattern.span, groups: groups(pattern)) }
            block(one.body, &inside)
            after.join(inside)
        }
        state = after
    }

    private func groups(_ pattern: Expression) -> Int {
        program.pattern(pattern).map { RegexTree.groups(in: $0) } ?? Int.max
    }

    // MARK: expressions

    /// What is so when a condition holds, and when it does not.
    private mutating func test(_ condition: Expression, _ before: CaptureState) -> (
        CaptureState, CaptureState
    ) {
        switch condition.kind {
        case .group(let inner): return test(inner, before)
        case .not(let inner):
            let (yes, no) = test(inner, before)
            return (no, yes)
        case .binary(.and, let left, let right):
            let (yes, no) = test(left, before)
            let (both, second) = test(right, yes)
            return (both, no.joined(second))
        case .binary(.or, let left, let right):
            let (yes, no) = test(left, before)
            let (second, neither) = test(right, no)
            return (yes.joined(second), neither)
        case .binary(let symbol, let left, let right) where symbol == .match || symbol == .notMatch:
            var state = before
            read(left, &state)
            guard program.pattern(right) != nil else { return (state, state) }
            let hit = CaptureState.of(right.span, groups: groups(right))
            return symbol == .match ? (hit, state) : (state, hit)
        default:
            var state = before
            read(condition, &state)
            return (state, state)
        }
    }

    private mutating func read(_ expression: Expression, _ state: inout CaptureState) {
        switch expression.kind {
        case .name: capture(expression, state)
        case .call(let name, let arguments):
            if program.text(name) == "if", arguments.count == 3 {
                var (yes, no) = test(arguments[0], state)
                read(arguments[1], &yes)
                read(arguments[2], &no)
                state = yes.joined(no)
                return
            }
            for argument in arguments { read(argument, &state) }
        case .binary(let symbol, _, _) where [.and, .or, .match, .notMatch].contains(symbol):
            let (yes, no) = test(expression, state)
            state = yes.joined(no)
        default: for child in LintedProgram.children(expression) { read(child, &state) }
        }
    }

    private mutating func capture(_ expression: Expression, _ state: CaptureState) {
        let word = program.text(expression.span)
        guard word.hasPrefix("re.group."), let number = Int(word.dropFirst(9)), !state.mayBeUnknown else {
            return
        }
        if state.groups.isEmpty {
            findings.add(
                "vcl/capture-not-set", expression.span, "no match before this sets '\(word)'",
                hint: "read it inside an if whose condition matches a pattern with groups")
        } else if state.groups.allSatisfy({ $0.count < number }) {
            findings.add(
                "vcl/capture-not-set", expression.span, "the pattern before this has no group \(number)",
                hint: "put parentheses around the part that you want")
        } else if state.groups.count > 1 {
            let lines = state.groups.compactMap { span, _ in
                program.sources.file(of: span)?.position(of: span.start).line
            }
            let places = Set(lines).sorted().map(String.init).joined(separator: " or ")
            findings.add(
                "vcl/capture-ambiguous", expression.span,
                "'\(word)' may be of \(Set(lines).count > 1 ? "the match" : "either match") in line \(places)",
                hint: "keep the capture in a variable right behind its match")
        }
    }
}
