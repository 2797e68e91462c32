import VCLRuntime

extension Variable {
    var summary: String { "" }
}
