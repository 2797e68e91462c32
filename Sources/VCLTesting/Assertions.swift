import Diagnostics
import HTTP1
import Kernel
import VCL
import VCLRuntime

/// The assertions, a row each: how many arguments besides the optional message, and what makes one fail.
struct Assertion: Sendable {
    let name: String
    /// Without the optional ones and the message.
    let required: Int
    let most: Int
    /// The arguments' values; nil when it holds, else what is wrong.
    let judge: @Sendable (AssertionCall) -> String?

    init(
        _ name: String, _ required: Int, most: Int? = nil,
        _ judge: @escaping @Sendable (AssertionCall) -> String?
    ) {
        self.name = name
        self.required = required
        self.most = most ?? required
        self.judge = judge
    }

    static let all: [Assertion] = truths + equalities + texts + journeys

    private static let truths: [Assertion] = [
        Assertion("assert", 1) { call in
            switch call.values[0] {
            case .string(let text): text.isEmpty ? "expected something, found nothing" : nil
            case .bool(let value): value ? nil : "expected a true condition"
            case let other: "a \(other.type.rawValue) is neither true nor false"
            }
        },
        Assertion("assert.true", 1) { bool($0, wanted: true) },
        Assertion("assert.false", 1) { bool($0, wanted: false) },
        Assertion("assert.is_notset", 1) { call in
            guard case .string(let text) = call.values[0] else {
                return "a \(call.values[0].type.rawValue) is always set"
            }
            return text.isSet ? "expected a value that is not set, found \(call.quoted(0))" : nil
        },
        Assertion("assert.is_json", 1) { call in
            guard let text = call.text(0) else { return call.notText(0) }
            return JSONCheck.isValid(text.array) ? nil : "\(call.quoted(0)) is no JSON"
        },
    ]

    private static func bool(_ call: AssertionCall, wanted: Bool) -> String? {
        guard case .bool(let value) = call.values[0] else {
            return "expected a BOOL, found a \(call.values[0].type.rawValue)"
        }
        return value == wanted ? nil : "expected \(wanted), found \(value)"
    }

    private static let equalities: [Assertion] = [
        Assertion("assert.equal", 2) { equality($0) },
        Assertion("assert.strict_equal", 2) { equality($0) },
        Assertion("assert.not_equal", 2) { inequality($0) },
        Assertion("assert.not_strict_equal", 2) { inequality($0) },
        Assertion("assert.equal_fold", 2) { call in
            text(call) {
                $0.equalsIgnoringCase($1)
                    ? nil : "expected \(call.quoted(1)) in any case, found \(call.quoted(0))"
            }
        },
    ]

    private static func equality(_ call: AssertionCall) -> String? {
        let (actual, expected) = (call.values[0], call.values[1])
        guard actual.type == expected.type else {
            return "expected a \(expected.type.rawValue), found a \(actual.type.rawValue)"
        }
        return call.plain(0) == call.plain(1) ? nil : "expected \(call.quoted(1)), found \(call.quoted(0))"
    }

    private static func inequality(_ call: AssertionCall) -> String? {
        let (actual, expected) = (call.values[0], call.values[1])
        guard actual.type == expected.type else {
            return "expected a \(expected.type.rawValue), found a \(actual.type.rawValue)"
        }
        return call.plain(0) == call.plain(1) ? "expected anything but \(call.quoted(1))" : nil
    }

    private static func text(_ call: AssertionCall, _ judge: (Bytes, Bytes) -> String?) -> String? {
        guard let actual = call.text(0) else { return call.notText(0) }
        guard let expected = call.text(1) else { return call.notText(1) }
        return judge(actual, expected)
    }

    private static let texts: [Assertion] = [
        Assertion("assert.match", 2) { matching($0, wanted: true) },
        Assertion("assert.not_match", 2) { matching($0, wanted: false) },
        Assertion("assert.contains", 2) { call in
            text(call) {
                $0.firstIndex(of: $1) != nil || $1.isEmpty
                    ? nil : "\(call.quoted(0)) does not contain \(call.quoted(1))"
            }
        },
        Assertion("assert.not_contains", 2) { call in
            text(call) {
                $0.firstIndex(of: $1) != nil || $1.isEmpty
                    ? "\(call.quoted(0)) contains \(call.quoted(1))" : nil
            }
        },
        Assertion("assert.starts_with", 2) { call in
            text(call) { $0.hasPrefix($1) ? nil : "\(call.quoted(0)) does not start with \(call.quoted(1))" }
        },
        Assertion("assert.ends_with", 2) { call in
            text(call) { $0.hasSuffix($1) ? nil : "\(call.quoted(0)) does not end with \(call.quoted(1))" }
        },
    ]

    private static func matching(_ call: AssertionCall, wanted: Bool) -> String? {
        text(call) { actual, pattern in
            guard let regex = try? Regex(pattern.string) else { return "\(call.quoted(1)) is no pattern" }
            let found = call.context.finds(regex, in: actual)
            guard found != wanted else { return nil }
            return "\(call.quoted(0)) \(found ? "matches" : "does not match") \(call.quoted(1))"
        }
    }

    private static let journeys: [Assertion] = [
        Assertion("assert.subroutine_called", 1, most: 2) { call in
            let times = call.calls(0)
            if call.values.count > 1, case .integer(let wanted) = call.values[1] {
                return times == wanted ? nil : "expected \(wanted) calls of \(call.quoted(0)), found \(times)"
            }
            return times > 0 ? nil : "\(call.quoted(0)) was not called"
        },
        Assertion("assert.not_subroutine_called", 1) { call in
            call.calls(0) == 0 ? nil : "\(call.quoted(0)) was called \(call.calls(0)) times"
        },
        Assertion("assert.restart", 0) {
            $0.state == "restart" ? nil : "expected a restart, found \($0.state)"
        },
        Assertion("assert.not_restart", 0) { $0.state == "restart" ? "there was a restart" : nil },
        Assertion("assert.state", 1) { call in
            let wanted = call.plain(0).string.lowercased()
            return call.state == wanted ? nil : "expected the state \(wanted), found \(call.state)"
        },
        Assertion("assert.not_state", 1) { call in
            let wanted = call.plain(0).string.lowercased()
            return call.state == wanted ? "the state is \(wanted)" : nil
        },
        Assertion("assert.not_error", 0) { $0.state == "error" ? "there was an error" : nil },
        Assertion("assert.error", 1, most: 2) { call in
            guard call.state == "error" else { return "expected an error, found \(call.state)" }
            let found = call.context.obj
            guard call.plain(0) == Value.integer(Int64(found.status)).text(call.context) else {
                return "expected the status \(call.plain(0).string), found \(found.status)"
            }
            guard call.values.count > 1, !(call.plain(1) == found.reason) else { return nil }
            return "expected the response \(call.quoted(1)), found \"\(found.reason.string)\""
        },
    ]
}

/// One evaluated assertion.
struct AssertionCall {
    let context: Context
    let run: TestRun
    let values: [Value]

    var state: String { run.state ?? "none" }

    /// The argument as a STRING, or nil when it is something else.
    func text(_ index: Int) -> Bytes? {
        if case .string(let text) = values[index] { text } else { nil }
    }

    /// As text; what is not set is written so that a test can tell it from the empty string.
    func plain(_ index: Int) -> Bytes {
        let text = values[index].text(context)
        return text.isSet ? text : Bytes("(null)")
    }

    func quoted(_ index: Int) -> String {
        let text = values[index].text(context)
        guard case .string = values[index] else { return plain(index).string }
        return text.isSet ? "\"\(text.string)\"" : "nothing (not set)"
    }

    func notText(_ index: Int) -> String {
        "argument \(index + 1) must be a STRING, not a \(values[index].type.rawValue)"
    }

    func calls(_ index: Int) -> Int64 {
        guard let sub = run.subs.index(of: plain(index).string) else { return 0 }
        return Int64(run.calls[sub] ?? 0)
    }
}
