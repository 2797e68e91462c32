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
    /// Which word with a meaning of its own an identifier is. Names may be such words too: `return(error)`.
    package let word: Keyword
    /// Whether it is the first token on its line.
    package let startsLine: Bool
    package let span: Span
}

/// Something between the tokens that a formatter and ignore comments need: a comment, a `pragma` line, or one
/// of the markers `C!` and `W!` that Fastly's generated VCL holds.
package struct Comment: Sendable, Hashable {
    package let span: Span
    /// Whether something other than white space stands before it on its line.
    package let trails: Bool
    /// How many tokens stand before it.
    package let tokensBefore: Int
}
