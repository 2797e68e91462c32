import Kernel
import VCL
import VCLRuntime

extension LanguageServer {
    /// The arguments of the call around the cursor.
    mutating func signatureHelp(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        let context = CompletionContext(place.index, offset: place.offset)
        // The innermost parentheses may be those of a condition inside an argument.
        guard let call = context.calls.last(where: { $0.name != nil }), let name = call.name,
            let (head, arguments, tail, summary) = signature(name, in: place.program)
        else { return .null }
        var label = head + "("
        var places: [JSONValue] = []
        for (number, argument) in arguments.enumerated() {
            if number > 0 { label += ", " }
            // Offsets, since arguments of one type look alike; all of it is ASCII, so that units are bytes.
            let start = label.utf8.count
            label += argument
            let end = label.utf8.count
            places.append(
                [
                    "label": client.labelOffsets
                        ? [.integer(start), .integer(end)] : .string(argument)
                ])
        }
        label += ")" + tail
        var one: [String: JSONValue] = ["label": .string(label), "parameters": .array(places)]
        if !summary.isEmpty { one["documentation"] = .string(summary) }
        return [
            "signatures": [.object(one)], "activeSignature": 0,
            "activeParameter": .integer(max(0, min(call.argument, arguments.count - 1))),
        ]
    }

    private func signature(_ name: String, in program: ProgramView) -> (
        head: String, arguments: [String], tail: String, summary: String
    )? {
        if let sub = program.first(Symbol(kind: .sub, name: name))?.declared {
            return (
                "sub \(name)", sub.parameters.map { "\($0.type) \($0.name)" },
                sub.type.isEmpty ? "" : " " + sub.type, sub.comment
            )
        }
        guard let row = Functions.byName[name] else { return nil }
        return ("\(row.returns.rawValue) \(name)", BuiltIns.parameters(row), "", row.summary)
    }
}
