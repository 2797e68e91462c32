package import Diagnostics

// The tree keeps places, not texts: whoever needs a name asks the source set for the text of its span. So a
// program of thousands of lines is parsed without making a string for each word.

package struct Name: Sendable, Hashable {
    package let span: Span
    package init(_ span: Span) { self.span = span }
}

/// An expression. Concatenation is a list, as Fastly reads it: `"a" req.http.B "c"` and `"a" + req.http.B`
/// are the same.
package struct Expression: Sendable {
    package enum Kind: Sendable {
        case string(long: Bool)
        case integer, float, rtime, percent
        /// A variable, a declared name, `true` or `false`.
        case name
        case call(Name, [Expression])
        case concatenation([Expression])
        indirect case not(Expression)
        indirect case negative(Expression)
        indirect case binary(Operator, Expression, Expression)
        indirect case group(Expression)
    }

    package enum Operator: String, Sendable {
        case equal = "==", notEqual = "!=", match = "~", notMatch = "!~"
        case less = "<", lessEqual = "<=", greater = ">", greaterEqual = ">="
        case and = "&&", or = "||"
    }

    package let kind: Kind
    package let span: Span
}

package struct Statement: Sendable {
    package enum Kind: Sendable {
        /// `declare local`; one with a value is followed by the `set` that gives it.
        case declare(Name, type: Name)
        /// `declare block`: the name ends with the block that holds it.
        case declareInBlock(Name, type: Name)
        case set(Name, operator: Name, Expression)
        case unset(Name)
        case add(Name, Expression)
        case call(Name, [Expression])
        /// A function called for its effect, or a functional sub.
        case function(Expression)
        case error(status: Expression?, response: Expression?)
        case restart
        case esi
        case `return`(Expression?, parenthesized: Bool)
        case synthetic(Expression, base64: Bool)
        case log(Expression)
        case `if`([Branch], otherwise: [Statement]?)
        case `switch`(Expression, [SwitchCase])
        case `break`
        case fallthrough_
        case goto(Name)
        case label(Name)
        case macro(String)
        case include(Expression)
        case import_(Name)
        case block([Statement])
    }

    package struct Branch: Sendable {
        package let condition: Expression
        package let body: [Statement]
    }

    package struct SwitchCase: Sendable {
        package enum Test: Sendable { case value(Expression), match(Expression), otherwise }
        package let test: Test
        package let body: [Statement]
        package let span: Span
    }

    package let kind: Kind
    package let span: Span
}

/// `.name = value;` of a backend, a probe, a director or one of its members.
package struct Property: Sendable {
    package enum Value: Sendable {
        case expression(Expression)
        case block([Property])
    }
    package let name: Name
    package let value: Value
}

package struct ACLEntry: Sendable {
    package let negated: Bool
    package let address: Name
    /// The mask's length as written, nil for a whole address.
    package let bits: Name?
}

package struct TableEntry: Sendable {
    package let key: Name
    package let value: Expression
}

package struct Declaration: Sendable {
    package enum Kind: Sendable {
        case acl([ACLEntry])
        case backend([Property])
        case director(type: Name, properties: [Property], members: [[Property]])
        case table(type: Name?, [TableEntry])
        case sub(returns: Name?, parameters: [(type: Name, name: Name)], body: [Statement])
        case penaltybox
        case ratecounter
        case import_
        case include(Expression)
        /// A group of tests, as test files hold them; its hooks and subs.
        case describe([Declaration])
        /// `before_recv { }` or `after_recv { }` of a test file.
        case hook(before: Bool, scope: Name, body: [Statement])
    }

    package let kind: Kind
    package let name: Name
    package let span: Span
    /// What the statements of a sub or a hook call: subs, and in expressions functions, each as often as it is called.
    package let calls: [Name]
    /// Which of the tree's comments stand between what is before it and it.
    let comments: Range<Int>
}

/// Everything that one source file says.
package struct SyntaxTree: Sendable {
    package let declarations: [Declaration]
    /// In reading order.
    package let comments: [Comment]

    /// The comments directly before a declaration of this tree, such as the annotations of a test; not one
    /// that trails what stands before.
    package func leadingComments(of declaration: Declaration) -> [Comment] {
        Array(comments[declaration.comments].drop { $0.trails })
    }
}
