/// What bounds the reading of one file, so that no input exhausts memory or the stack.
enum VCLLimits {
    /// Blocks inside blocks, or parentheses inside parentheses. People's programs stay below ten.
    static let deepestNesting = 64
    /// Mistakes reported for one file; whoever has more repairs these first.
    static let mostDiagnostics = 200
}
