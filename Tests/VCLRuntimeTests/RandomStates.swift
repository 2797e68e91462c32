import Kernel
import VCL

@testable import VCLRuntime

/// Programs made of random statements for all states, of values that are mostly of the right type and mostly hostile. A
/// statement stands on a line of its own, so that those which the compiler refuses can be taken out.
struct RandomStates {
    private var random: SeededRandom
    private var scope = Scope.recv
    /// False inside the subs that others call: VCL has no recursion.
    private var mayCall = true

    /// The lines of a program; one seed makes one program.
    static func make(seed: UInt64) -> [String] {
        var maker = RandomStates(random: SeededRandom(seed: seed))
        var lines = HostileArgumentTests.declarations.split(separator: "\n").map(String.init)
        maker.mayCall = false
        lines += ["sub called {", maker.locals]
        for _ in 0..<maker.below(3) { lines.append(maker.statement(2)) }
        lines += ["}", "sub valued STRING {", "return \(maker.value(.string, 2));", "return \"\";", "}"]
        maker.mayCall = true
        for scope in Scope.allCases {
            maker.scope = scope
            lines += ["sub \(scope.subroutine) {", maker.locals]
            for _ in 0..<maker.below(7) { lines.append(maker.statement(0)) }
            lines.append("}")
        }
        return lines
    }

    private static let types: [ValueType] = [
        .string, .bool, .integer, .float, .time, .rtime, .ip, .backend,
    ]
    /// All but those that tell how much memory was used, which an observer uses too.
    private static let variables: [ValueType: [Variable]] = Dictionary(
        grouping: Variables.all.filter { $0.get != nil && !$0.name.hasPrefix("workspace.") },
        by: { $0.get!.type })
    private static let settable: [Variable] = Variables.all.filter { $0.set != nil }
    private static let unsettable: [Variable] = Variables.all.filter { $0.unset != nil }
    private static let functions: [ValueType: [Function]] = Dictionary(
        grouping: Functions.all, by: \.returns)
    /// Headers that `EvaluatorFuzzTests` fills with what no browser sends.
    private static let headers: [String] = [
        "Big", "Bad", "Control", "Empty", "None", "Cookie:a", "Cookie:none", "Deep", "Number", "Host", "Made",
    ]
    private static let patterns: [String] = [
        "\"(a|b)*c\"", "\"^(.*?)(\\d+)?$\"", "\"\"", "\"(?i)[^a]+\"", "\"(a*)*b\"", "\"\\W\"", "{\"\"(x)?\"}",
    ]

    private var locals: String {
        RandomStates.types.map { "declare local var.\($0.rawValue.lowercased()) \($0.rawValue);" }.joined(
            separator: " ")
    }

    private mutating func below(_ bound: Int) -> Int { random.below(bound) }
    private mutating func chance(_ percent: Int) -> Bool { random.chance(percent) }
    private mutating func pick<T>(_ all: [T]) -> T { random.pick(all) }

    private mutating func header() -> String {
        let places: [Scope: [String]] = [
            .miss: ["bereq"], .pass: ["bereq"], .fetch: ["bereq", "beresp"], .hit: ["obj"],
            .error: ["obj"], .deliver: ["resp"], .log: ["resp"],
        ]
        let place = pick(["req"] + (places[scope] ?? []))
        return "\(place).http.\(pick(RandomStates.headers))"
    }

    // MARK: values

    private mutating func value(_ wanted: ValueType, _ depth: Int) -> String {
        let type = chance(3) ? pick(RandomStates.types) : wanted
        if depth > 4 || chance(30) { return leaf(type) }
        if let all = RandomStates.functions[type], chance(60) { return call(pick(all), depth + 1) }
        switch type {
        case .string:
            return switch below(4) {
            case 0: "\(value(.string, depth + 1)) \(value(pick(RandomStates.types), depth + 1))"
            case 1: "\(value(.string, depth + 1)) + \(leaf(.string))"
            case 2: "if(\(value(.bool, depth + 1)), \(value(.string, depth + 1)), \(leaf(.string)))"
            default: pick(["re.group.\(below(12))", mayCall ? "valued()" : "req.url", "var.string"])
            }
        case .bool: return condition(depth + 1)
        case .integer, .float, .rtime: return chance(30) ? "-" + leaf(type) : leaf(type)
        default: return leaf(type)
        }
    }

    private mutating func leaf(_ type: ValueType) -> String {
        if chance(20), RandomStates.types.contains(type) { return "var.\(type.rawValue.lowercased())" }
        if type == .string, chance(40) { return header() }
        let inScope = (RandomStates.variables[type] ?? []).filter { $0.scopes.contains(Scopes(scope)) }
        if !inScope.isEmpty, chance(40) { return pick(inScope).name }
        let written = HostileArgumentTests.choices(.value(type))
        return written.isEmpty ? "\"\"" : pick(written)
    }

    private mutating func condition(_ depth: Int) -> String {
        switch below(6) {
        case 0: return "(\(value(.bool, depth)) && \(value(.bool, depth)))"
        case 1: return "(\(value(.bool, depth)) || \(value(.bool, depth)))"
        case 2: return "!\(leaf(.bool))"
        case 3: return "(\(value(.string, depth)) \(pick(["~", "!~"])) \(pick(RandomStates.patterns)))"
        case 4: return "(client.ip ~ a0)"
        default:
            let type = pick(RandomStates.types)
            let symbols =
                [.integer, .float, .time, .rtime].contains(type) ? ["<", ">=", "=="] : ["==", "!="]
            return "(\(value(type, depth)) \(pick(symbols)) \(value(type, depth)))"
        }
    }

    private mutating func call(_ row: Function, _ depth: Int) -> String {
        let most = row.arguments.count
        let count = row.required < most ? row.required + below(most - row.required + 1) : most
        let words = row.arguments.prefix(count).map { kind in
            switch kind {
            case .value(let type): value(type, depth)
            case .list: value(.string, depth)
            default: pick(HostileArgumentTests.choices(kind))
            }
        }
        return "\(row.name)(\(words.joined(separator: ", ")))"
    }

    // MARK: statements

    private mutating func statement(_ depth: Int) -> String {
        switch below(depth > 2 ? 9 : 12) {
        case 0, 1:
            let row = pick(RandomStates.settable.filter { $0.scopes.contains(Scopes(scope)) })
            return "set \(row.name) = \(value(row.set!.type, 0));"
        case 2, 3: return "set \(header()) = \(value(.string, 0)) \(value(.string, 1));"
        case 4:
            let type = pick(RandomStates.types)
            let symbol = pick(["=", "=", "+=", "-=", "*=", "/=", "%=", "|=", "<<=", "rol=", "&&="])
            return "set var.\(type.rawValue.lowercased()) \(symbol) \(value(type, 0));"
        case 5: return "\(pick(["add", "set"])) \(header()) = \(value(.string, 0));"
        case 6:
            return chance(50) ? "unset \(header());" : "unset \(pick(RandomStates.unsettable).name);"
        case 7: return "log \(value(.string, 0));"
        case 8: return ending()
        case 9, 10:
            return "if (\(condition(1))) { \(statement(depth + 1)) } else { \(statement(depth + 1)) }"
        default:
            return """
                switch (\(value(.string, 1))) { case \(leaf(.string)): \(statement(depth + 1)) break; \
                case ~ \(pick(RandomStates.patterns)): \(statement(depth + 1)) fallthrough; \
                default: \(statement(depth + 1)) break; }
                """
        }
    }

    private mutating func ending() -> String {
        switch below(12) {
        case 0: "error \(value(.integer, 2)) \(value(.string, 2));"
        case 1: "restart;"
        case 2: "synthetic \(value(.string, 0));"
        case 3: "synthetic.base64 \(value(.string, 0));"
        case 4: "return(\(pick(Action.allCases).rawValue));"
        case 5, 6: mayCall ? "call called;" : "esi;"
        case 7: "esi;"
        default: RandomStates.functions[.void].map { call(pick($0), 1) + ";" } ?? "restart;"
        }
    }
}
