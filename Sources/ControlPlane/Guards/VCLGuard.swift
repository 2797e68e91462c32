import Journey
import VCLPipeline

/// Nothing goes live that does not lint, or that its own tests or their floor of coverage speak against.
enum VCLGuard {
    static let name = "vcl"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard let report = facts.pipeline else { return nil }
        // How a program is written is its authors' affair, and no reason to keep it from going live.
        let wrong = report.stages.filter { !$0.passed && $0.name != "format" }
        guard let first = wrong.first else {
            let told = report.stages.filter { $0.name != "lint" && $0.name != "format" }
            return Verdict(name, .pass, told.map { "\($0.name): \($0.summary)" }.joined(separator: "; "))
        }
        let detail = first.name == "tests" ? report.failures.prefix(3).map { "; " + $0 }.joined() : ""
        return Verdict(
            name, .block, "the program's \(first.name): \(first.summary)\(detail)",
            wayPast: "mend it (hq vcl ci shows all); an operator may add --override vcl --because \"...\"")
    }
}
