import Diagnostics
import Kernel
import Testing
import VCL

@testable import VCLRuntime

/// Calls every built-in with what nobody would write: nothing crashes, and no string grows without bound.
@Suite struct HostileArgumentTests {
    static let declarations = """
        backend b0 { .host = "127.0.0.1"; } acl a0 { "192.0.2.0"/24; } ratecounter rc { } penaltybox pb { }
        table t_string { "a": "1" } table t_bool BOOL { "a": true } table t_integer INTEGER { "a": 1 }
        table t_float FLOAT { "a": 1.5 } table t_rtime RTIME { "a": 1s } table t_ip IP { "a": "192.0.2.1" }
        table t_acl ACL { "a": a0 } table t_backend BACKEND { "a": b0 } table t_regex REGEX { "a": "a" }
        """

    private static let texts: [String] = [
        "req.http.None", "\"\"", "\"a\"", "req.url", "urldecode({\"%FF%FE\"})", "\"%2\"", "\"?\"", "\"&&=\"",
        "\"-9223372036854775808\"", "\"1e400\"", "\"*\"", "\"[\"", "\"\\\"", "\"a;q=9.9.9,;q=,*\"", "\":\"",
        "std.strrep(\"ab=&?%\", 2000)", "\"%u{1F600}\"", "\"/../%2e%2e/./\"",
        "\"http://[\"", "\"====\"", "\"0x\"", "\"2006-01-02 99:99:99\"", "{\"%%%E%O%\"}",
    ]
    private static let integers: [String] = [
        "0", "1", "-1", "2", "60", "-9223372036854775807", "9223372036854775807", "262145", "4294967296",
    ]
    private static let floats: [String] = [
        "0.0", "-1.5", "std.strtof(\"inf\", 10)", "std.strtof(\"NaN\", 10)", "std.strtof(\"1e-310\", 10)",
        "std.strtof(\"1.7e308\", 10)",
    ]
    private static let times: [String] = [
        "now", "std.integer2time(-1)", "std.integer2time(0)", "std.integer2time(9223372036)",
    ]
    private static let rtimes: [String] = ["0s", "-291y", "291y", "1ms", "2m"]

    static func choices(_ kind: Function.Argument) -> [String] {
        switch kind {
        case .value(.string), .list: texts
        case .value(.bool): ["true", "false", "req.http.None"]
        case .value(.integer): integers
        case .value(.float): floats
        case .value(.time): times
        case .value(.rtime): rtimes
        case .value(.ip): ["client.ip", "std.ip(\"2001:db8::1\", \"::\")", "std.ip(\"x\", \"y\")"]
        case .value(.acl): ["a0"]
        case .value(.backend): ["b0", "req.backend"]
        case .value: []
        case .pattern: ["\"a\"", "\"(a|b)*$\"", "\"\""]
        case .constant: ["0", "8", "32"]
        case .word(let words): words
        case .message(writes: false), .message(writes: true): ["req", "resp"]
        case .response: ["resp"]
        case .header: ["req.http.A", "resp.http.Set-Cookie"]
        case .collection: ["req.headers", "resp.headers"]
        case .ratecounter: ["rc"]
        case .penaltybox: ["pb"]
        case .table(let type): ["t_" + (type ?? .string).rawValue.lowercased()]
        }
    }

    @Test(arguments: Functions.all.map(\.name)) func survives(_ name: String) throws {
        let row = try #require(Functions.byName[name])
        var random = SeededRandom(seed: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        let evaluator = Evaluator(declarations: HostileArgumentTests.declarations)
        for _ in 0..<12 {
            let count = Int.random(in: row.required...max(row.required, row.arguments.count), using: &random)
            let words = row.arguments.prefix(count).map {
                HostileArgumentTests.choices($0).randomElement(using: &random)!
            }
            let call = "\(name)(\(words.joined(separator: ", ")))"
            do {
                let found = try evaluator.evaluate(call, in: .deliver)
                #expect(found.value.utf8.count <= VCLRuntimeLimits.stringBytes * 6, "\(call)")
            } catch {
                // Some combinations are refused when they are compiled, which is as good.
                let rules = Set(error.diagnostics.map(\.rule))
                #expect(rules.isSubset(of: ["vcl/arguments"]), "\(call): \(error.diagnostics.rendered())")
            }
        }
    }

    @Test func aConcatenationBeyondTheBoundIsNotSet() throws {
        let half = "set req.http.A = std.strrep(\"0123456789\", 20000);"
        for text in ["req.http.A req.http.A", "req.http.A req.url req.http.A"] {
            let found = try Evaluator().evaluate(text, after: half)
            #expect(!found.isSet && found.error == "ESESOOM", "\(text): \(found.value.utf8.count) bytes")
        }
        let local = half + "declare local var.s STRING; set var.s = req.http.A; set var.s += var.s;"
        #expect(try Evaluator().evaluate("var.s", after: local).error == "ESESOOM")
    }

    @Test func aCacheKeyBeyondTheBoundFindsNothing() throws {
        let far =
            "set req.http.A = std.strrep(\"0123456789\", 20000); set req.hash += req.http.A; set req.hash += req.http.A;"
        let program = try #require(Compiler().compile(SourceFile(name: "t", text: "sub vcl_hash { \(far) }")))
        let context = Context(snapshot: Snapshot(number: 1, program: program), random: SeededRandom(seed: 0))
        context.reset(snapshot: context.snapshot)
        _ = program.run(.hash, context)
        #expect(context.hashAlwaysMiss)
    }
}
