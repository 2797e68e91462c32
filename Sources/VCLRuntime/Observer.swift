package import Diagnostics
package import VCL

// A program is compiled in one of two ways. The one that serves has nothing of what follows. The observed one tells an
// observer of each statement, branch, assignment and call before and after; tests, coverage and the simulator are
// observers. Both come from the same compiler and the same closures, so that what a test saw is what the public gets.

/// Watches one request of an observed program, and may change what it meets. Called on the request's thread.
package protocol Observer: AnyObject {
    /// A statement is about to run, or a branch was taken.
    func reaches(_ site: Int, _ context: Context)
    /// What a statement left in the variable that it wrote.
    func wrote(_ name: String, _ value: Value, at site: Int, _ context: Context)
    func enters(_ sub: Int, _ context: Context)
    func leaves(_ sub: Int, _ flow: Flow, _ context: Context)
    /// The sub that runs in place of this one; itself as a rule.
    func substitute(for sub: Int) -> Int
    /// A value that a test put in place of a variable's own.
    func injected(_ name: String) -> Value?
    /// A sub with mistakes was called.
    func broke(_ sub: Int, _ context: Context)
}

/// A place that an observer hears of.
package struct Site: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case statement
        /// An arm of the `if` or `switch` that begins at this offset.
        case branch(of: Int, arm: Int)
    }
    package let kind: Kind
    /// The statement; an arm's condition or case; for an `else` its first statement, or the whole `if` when none is written.
    package let span: Span
    package let sub: String
}

/// What an observed program knows of its subs. Places in `names` are the numbers that observers get.
package struct ObservedSubs: Sendable {
    package let names: [String]
    package let spans: [Span]
    package let returns: [ValueType?]
    let codes: [StepCode?]
    let parameters: [[Local]]
    package let sites: [Site]
    /// Mistakes of the subs that a test may hold without spoiling the others.
    package let faults: [Int: [Diagnostic]]

    package func index(of name: String) -> Int? { names.firstIndex(of: name) }
    package func parameterCount(of sub: Int) -> Int { parameters[sub].count }
}

extension Context {
    /// Runs a sub of an observed program with its observer's knowledge: the one that stands in for it, if there is one.
    package func call(_ sub: Int, _ arguments: [Value]) -> Flow {
        guard let subs = snapshot.program.observed, let observer else { return .next }
        let target = observer.substitute(for: sub)
        let kept = keepCaptures()
        defer { restoreCaptures(kept) }
        for (value, local) in zip(arguments, subs.parameters[target]) { store(value, in: local) }
        observer.enters(target, self)
        guard let code = subs.codes[target] else {
            observer.broke(target, self)
            return .stop
        }
        let flow = code(self)
        observer.leaves(target, flow, self)
        return flow
    }

    /// What the functional sub that ran last returned.
    package func returned(_ type: ValueType) -> Value {
        switch type {
        case .string: .string(returnedString)
        case .bool: .bool(returnedInteger != 0)
        case .integer: .integer(returnedInteger)
        case .time: .time(returnedInteger)
        case .rtime: .rtime(returnedInteger)
        case .backend: .backend(returnedInteger)
        case .float: .float(returnedFloat)
        case .ip: .ip(returnedAddress)
        case .acl, .table, .regex, .id, .void: .void
        }
    }
}
