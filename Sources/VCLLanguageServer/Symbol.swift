import Diagnostics

/// Something that a program names.
struct Symbol: Hashable, Sendable {
    enum Kind: String, Sendable {
        case sub, table, acl, penaltybox, ratecounter
        /// Backends and directors, which share their names.
        case backend
        case local, label
        /// A header of one of the messages; its name is in lower case.
        case header
        /// A built-in.
        case variable, function
        case include
        /// A bare name, until the program says what it is.
        case word
    }

    var kind: Kind
    var name: String
    /// The sub that a local variable or a label belongs to; else empty.
    var owner = ""
}

/// One place where a file names something.
struct Mention: Sendable {
    enum Role: Sendable { case declaration, read, write }

    /// What is named, as far as the file itself tells: a call may be one of a sub or of a function.
    let symbol: Symbol
    let span: Span
    let role: Role
}

/// One thing that a file declares, for outlines and hovers.
struct Declared: Sendable {
    let symbol: Symbol
    /// How it is introduced: `sub`, `director`, `table`.
    let keyword: String
    /// The name.
    let span: Span
    let whole: Span
    /// What is worth saying in one line: a sub's signature, a local variable's type.
    let detail: String
    /// The comments before it, without their marks.
    var comment = ""
    /// The type of a table's values, of a local variable, of what a sub returns.
    var type = ""
    /// A sub's parameters.
    var parameters: [(type: String, name: String)] = []
    var children: [Declared] = []
}

/// An `include` of a file.
struct IncludedPath: Sendable {
    let text: String
    let span: Span
    /// The sub that it stands in; nil between declarations.
    let owner: String?
}
