import Diagnostics
import VCL
import VCLRuntime

/// Tests that are compiled together: those outside of every `describe`, or those of one.
struct TestPart {
    let isGroup: Bool
    let declarations: [Declaration]
    let names: Set<String>
    /// The hooks' names, by the state before or after whose tests they run.
    var before: [Scope: String] = [:]
    var after: [Scope: String] = [:]
    let tests: [TestCase]
    let roots: [String: Scopes]
}
