package import Diagnostics

/// One word of VCL. Its text is what the source holds between its offsets.
package struct Token: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable {
        case identifier
        /// `.host`: a property inside a backend, probe or director.
        case property
        case string, longString
        case integer, float, rtime, percent
        /// `#FASTLY recv`
        case macro
        case leftBrace, rightBrace, leftParenthesis, rightParenthesis
        case semicolon, comma, colon, slash, plus, minus, bang
        case equal, equalEqual, notEqual, match, notMatch
        case less, lessEqual, greater, greaterEqual
        case and, or
        /// `+=`, `rol=` and the other operators of `set` besides `=`.
        case assignment
        case unknown
        case end
    }

    package let kind: Kind
    package let span: Span
}

/// Something between the tokens that a formatter and ignore comments need.
package struct Comment: Sendable, Hashable {
    package let span: Span
    /// Whether something other than white space stands before it on its line.
    package let trails: Bool
}
