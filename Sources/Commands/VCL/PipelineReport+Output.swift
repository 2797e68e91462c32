import Diagnostics
import Journey
import VCLPipeline
import VCLSimulator
import VCLTesting

extension PipelineReport {
    func text(colour: Bool) -> String {
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var out = ""
        if !findings.isEmpty { out += findings.rendered(colour: colour) + "\n" }
        for failure in failures { out += paint("31", "✗ ") + failure + "\n" }
        for one in behaviour {
            out += paint("33", "≠ ") + "\(one.request.method) \(one.request.url)\n"
            for change in one.changes { out += "    \(change)\n" }
        }
        if !out.isEmpty { out += "\n" }
        for stage in stages {
            let mark = stage.passed ? paint("32;1", "✓") : paint("31;1", "✗")
            let name = stage.name + String(repeating: " ", count: max(1, 12 - stage.name.count))
            out += "\(mark) \(name)\(stage.summary)\n"
            if let hint = stage.hint { out += "    = hint: \(hint)\n" }
        }
        return out + (passed ? paint("32;1", "good") : paint("31;1", "not good"))
    }

    var json: JSON {
        .object([
            "passed": .bool(passed),
            "stages": .array(
                stages.map { stage in
                    .object([
                        "name": .string(stage.name), "passed": .bool(stage.passed),
                        "summary": .string(stage.summary),
                        "milliseconds": .number(Double(stage.duration) / 1e6),
                    ])
                }), "findings": .array(findings.map(\.json)),
            "failures": .array(failures.map { .string($0) }),
            "coverage": .number(coverage.statements().percent), "difference": .string(textDifference),
            "asked": .integer(Int64(asked)), "behaviour": .array(behaviour.map { $0.json }),
        ])
    }
}

extension BehaviourDifference {
    var json: JSON {
        .object([
            "method": .string(request.method), "url": .string(request.url),
            "changes": .array(changes.map { .string($0) }),
            "before": .object([
                "status": .integer(Int64(before.response.status)), "cache": .string(before.cache),
            ]),
            "after": .object([
                "status": .integer(Int64(after.response.status)), "cache": .string(after.cache),
            ]),
        ])
    }
}
