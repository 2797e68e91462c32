import ArgumentParser
import Kernel

/// What happens on the stage of `hq rehearse --self`.
struct StageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long the origin takes; 300ms.", valueName: "duration"))
    var originLatency: String?
    @Option(help: ArgumentHelp("When the origin dies, from the start.", valueName: "duration"))
    var originDies: String?
    @Option(help: ArgumentHelp("When it is there again.", valueName: "duration"))
    var originReturns: String?
    @Option(help: ArgumentHelp("When a dictionary entry changes.", valueName: "duration"))
    var dictionaryChanges: String?

    var isAsked: Bool {
        originLatency != nil || originDies != nil || originReturns != nil || dictionaryChanges != nil
    }

    func validate() throws {
        for (name, text) in [
            ("origin-latency", originLatency), ("origin-dies", originDies), ("origin-returns", originReturns),
            ("dictionary-changes", dictionaryChanges),
        ] {
            if let text, Duration(parsing: text) == nil {
                throw ValidationError("--\(name) wants a duration such as 30s, not '\(text)'")
            }
        }
        if originReturns != nil, originDies == nil {
            throw ValidationError("--origin-returns wants --origin-dies")
        }
    }

    /// The second in which `text` lies.
    static func second(_ text: String?) -> Int? {
        text.flatMap { Duration(parsing: $0) }.map { Int($0.inSeconds) }
    }
}
