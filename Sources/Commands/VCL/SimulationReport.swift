import Journey
import VCLSimulator

/// A simulated request for people and for tools.
enum SimulationReport {
    static func text(_ one: Simulation, colour: Bool) -> String {
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var out = ""
        for (index, step) in one.trace.enumerated() {
            draw(step, prefix: "", isLast: index == one.trace.count - 1, isRoot: true, paint, into: &out)
        }
        for request in one.backendRequests {
            let note = request.isBackground ? " (in the background)" : ""
            out += paint("36", "\(request.backend) was asked: \(request.method) \(request.url)\(note)") + "\n"
        }
        out += "\n" + paint("1", "\(one.response.status) \(one.response.reason)  \(one.cache)") + "\n"
        for header in one.response.headers { out += "\(header.name): \(header.value)\n" }
        let body = String(decoding: one.response.body.prefix(2000), as: UTF8.self)
        if !body.isEmpty { out += "\n" + body + (one.response.body.count > 2000 ? "...\n" : "\n") }
        for line in one.logs { out += paint("2", "log: \(line)") + "\n" }
        return out
    }

    private static func draw(
        _ step: TraceStep, prefix: String, isLast: Bool, isRoot: Bool, _ paint: (String, String) -> String,
        into out: inout String
    ) {
        let branch = isRoot ? "" : isLast ? "└ " : "├ "
        out += prefix + branch + line(step, paint) + "\n"
        let next = isRoot ? "" : prefix + (isLast ? "  " : "│ ")
        for (index, inner) in step.steps.enumerated() {
            draw(inner, prefix: next, isLast: index == step.steps.count - 1, isRoot: false, paint, into: &out)
        }
    }

    private static func line(_ step: TraceStep, _ paint: (String, String) -> String) -> String {
        let place = step.line.map { paint("2", "  \(step.file ?? ""):\($0)") } ?? ""
        switch step.kind {
        case .state: return paint("1;34", step.text) + (step.decision.map { " -> " + paint("1", $0) } ?? "")
        case .call: return paint("34", "call " + step.text)
        case .note: return paint("33", step.text)
        case .branch: return paint("32", "✓ " + step.text)
        case .statement:
            let value = step.variable.map { name in
                "  " + paint("36", "\(name) = " + (step.value.map { "\"\($0)\"" } ?? "(not set)"))
            }
            return step.text + (value ?? "") + place
        }
    }

    static func json(_ one: Simulation) throws -> JSON {
        let headers = { (all: [Header]) in
            JSON.array(all.map { .object(["name": .string($0.name), "value": .string($0.value)]) })
        }
        return .object([
            "status": .integer(Int64(one.response.status)), "reason": .string(one.response.reason),
            "headers": headers(one.response.headers),
            "body": .string(String(decoding: one.response.body, as: UTF8.self)), "cache": .string(one.cache),
            "states": .array(one.states.map { .string($0) }), "restarts": .integer(Int64(one.restarts)),
            "logs": .array(one.logs.map { .string($0) }),
            "backendRequests": .array(
                one.backendRequests.map { request in
                    .object([
                        "backend": .string(request.backend), "method": .string(request.method),
                        "url": .string(request.url), "headers": headers(request.headers),
                        "background": .bool(request.isBackground),
                    ])
                }), "steps": try JSON(encoding: one.trace),
        ])
    }
}
