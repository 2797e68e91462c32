import Diagnostics
import Foundation
import HTTP1
import Kernel
import Testing
import VCL

@testable import VCLRuntime

/// The tests of the built-ins are text files in `Cases/`, so that the manual can show them too. A file holds declarations and cases:
///
///     declare table t { "a": "1", }          one line of declarations, for the rest of the file
///     # std.strlen                            the built-in that the cases below belong to
///     std.strlen("abc") => INTEGER 3
///     { set req.http.A = "x"; } std.strlen(req.http.A) => INTEGER 1
///     @fetch beresp.status => INTEGER 200     evaluated in vcl_fetch instead of vcl_recv
///     std.strtol("x", 10) => INTEGER 0 error EPARSENUM
///     req.http.None => STRING not set
///     now => TIME Thu, 01 Jan 2026 00:00:00 GMT
///     with tls facts                          what the host knows (see `CaseWorld`), up to the next heading
///
/// STRING values stand in quotes with `\"`, `\\`, `\n` and `\xNN`; `~ PATTERN` in place of a value asks for a match.
struct BuiltinCase: Sendable, CustomTestStringConvertible {
    let subject: String
    let declarations: String
    let setup: String
    let scope: Scope
    /// Names in `CaseWorld.settings`.
    let world: [String]
    let expression: String
    let expected: String
    let line: String
    var testDescription: String { line }
}

struct BuiltinCases {
    let all: [BuiltinCase]

    /// Nanoseconds of the moment at which every case runs: 2026-01-01 00:00:00 UTC.
    static let now: Int64 = 1_767_225_600_000_000_000

    init(_ text: String) throws {
        var (cases, declarations, subject): ([BuiltinCase], String, String) = ([], "", "")
        var world: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# ") {
                subject = String(line.dropFirst(2))
                world = []
            } else if line.hasPrefix("with ") {
                world = line.dropFirst(5).split(separator: " ").map(String.init)
            } else if line.hasPrefix("declare ") {
                declarations += line.dropFirst(8) + "\n"
            } else if !line.allSatisfy(\.isWhitespace) {
                cases.append(try BuiltinCases.parse(String(line), subject, declarations, world))
            }
        }
        all = cases
    }

    private static func parse(
        _ line: String, _ subject: String, _ declarations: String, _ world: [String]
    ) throws -> BuiltinCase {
        var rest = Substring(line)
        var scope = Scope.recv
        if rest.hasPrefix("@") {
            let word = rest.dropFirst().prefix { $0 != " " }
            scope = try #require(Scope(rawValue: String(word)), "no scope '\(word)' in: \(line)")
            rest = rest.dropFirst(word.count + 2)
        }
        var setup = ""
        if rest.hasPrefix("{ "), let end = rest.range(of: " } ") {
            setup = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        let arrow = try #require(rest.range(of: " => ", options: .backwards), "no ' => ' in: \(line)")
        return BuiltinCase(
            subject: subject, declarations: declarations, setup: setup, scope: scope, world: world,
            expression: String(rest[..<arrow.lowerBound]), expected: String(rest[arrow.upperBound...]),
            line: line)
    }
}

extension BuiltinCase {
    /// Nil when the case holds, else what it came to.
    func failure() -> String? {
        var evaluator = Evaluator(declarations: declarations)
        evaluator.prepare = { context in
            context.now = BuiltinCases.now
            context.startTime = BuiltinCases.now
            context.clientAddress = IPAddress("192.0.2.9")!
            CaseWorld.prepare(context, world)
        }
        let found: Evaluation
        do {
            found = try evaluator.evaluate(expression, after: setup, in: scope)
        } catch {
            return error.diagnostics.first?.message == String(expected.dropFirst("mistake ".count))
                ? nil : error.diagnostics.rendered()
        }
        let tail = found.error.map { " error \($0)" } ?? ""
        if let tilde = expected.range(of: " ~ ") {
            let pattern = String(expected[tilde.upperBound...])
            let matches = (try? Swift.Regex(pattern).wholeMatch(in: found.value)) != nil
            return matches && expected.hasPrefix(found.type.rawValue) ? nil : "\(found)"
        }
        let written = BuiltinCase.written(found) + tail
        return written == expected ? nil : written
    }

    static func written(_ value: Evaluation) -> String {
        guard value.isSet else { return "\(value.type.rawValue) not set" }
        guard value.type == .string else {
            return value.value.isEmpty ? value.type.rawValue : "\(value.type.rawValue) \(value.value)"
        }
        let escaped = value.value.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"", "\\": "\\" + String(scalar)
            case "\n": "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                "\\x" + [UInt8(scalar.value)].hexadecimal
            default: String(scalar)
            }
        }
        return "STRING \"\(escaped.joined())\""
    }
}
