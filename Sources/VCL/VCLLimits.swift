/// What bounds the reading of one file, so that no input exhausts memory or the stack.
enum VCLLimits {
    /// Blocks inside blocks, or parentheses inside parentheses. People's programs stay below ten.
    static let deepestNesting = 64
    /// Where the first word of a file is looked for when only that is wanted.
    static let beginningBytes = 4096
    /// Mistakes reported for one file; whoever has more repairs these first.
    static let mostDiagnostics = 200
}
