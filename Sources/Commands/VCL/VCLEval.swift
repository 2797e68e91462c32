import ArgumentParser
import Diagnostics
import Foundation
import HTTP1
import Journey
import Kernel
import SwiftOverlayShims
import VCL
import VCLRuntime

/// `hq vcl eval`: what one expression comes to.
struct VCLEval: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Compute a VCL expression.",
        discussion: """
            hq vcl eval 'std.tolower("ABC") + 5' computes one expression; with --stdin one per line. --json prints one line of
            JSON for each: its type, its value as VCL writes it, whether it is set, and fastly.error or what is wrong.
            """)

    @Argument(help: ArgumentHelp("The expression.", valueName: "expression"))
    var expression: String?

    @Flag(help: "Read expressions from standard input, one per line.")
    var stdin = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("The state whose variables it may use.", valueName: "state"))
    var scope = "recv"

    @Option(help: ArgumentHelp("Statements to run before it.", valueName: "statements"))
    var after = ""

    @Option(
        help: ArgumentHelp("A program whose tables, ACLs and subs it may use.", valueName: "file"),
        completion: .file(extensions: ["vcl"]))
    var program: String?

    @Option(help: ArgumentHelp("The request's URL.", valueName: "url"))
    var url = "/"

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header of the request, as 'Name: value'.", valueName: "header"))
    var header: [String] = []

    func validate() throws {
        guard Scope(rawValue: scope) != nil else {
            let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--scope wants one of \(known), not '\(scope)'")
        }
        if stdin == (expression != nil) { throw ValidationError("give either an expression or --stdin") }
        for one in header where !one.contains(":") {
            throw ValidationError("--header wants 'Name: value', not '\(one)'")
        }
    }

    func run() throws {
        let evaluator = try makeEvaluator()
        if let expression {
            if !evaluate(expression, evaluator) { throw ExitCode(1) }
            return
        }
        var good = true
        while let line = readLine() { good = evaluate(line, evaluator) && good }
        if !good { throw ExitCode(1) }
    }

    private func makeEvaluator() throws -> Evaluator {
        let project = try program.map { try VCLProject($0, include: []) }
        var evaluator = Evaluator(
            declarations: project.map { String(decoding: $0.main.bytes, as: UTF8.self) } ?? "",
            model: project?.model ?? ServiceModel())
        evaluator.dictionaries = Dictionary(
            uniqueKeysWithValues: (project?.dictionaries ?? [:]).map { name, entries in
                (name, Table(name: name, entries: entries.map { (key: $0.key, value: $0.value) }))
            })
        let (target, fields) = (url, header)
        evaluator.prepare = { context in
            context.now = wallClock()
            context.startTime = context.now
            context.clientAddress = IPAddress("192.0.2.1")!
            context.req.target = context.arena.copy(target)
            for field in fields {
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let value = parts[1].drop { $0 == " " }
                context.req.headers.set(
                    HeaderName(context.arena.copy(String(parts[0]))), context.arena.copy(String(value)))
            }
        }
        return evaluator
    }

    /// Whether it has a value.
    private func evaluate(_ text: String, _ evaluator: Evaluator) -> Bool {
        do {
            let value = try evaluator.evaluate(text, after: after, in: Scope(rawValue: scope)!)
            if json {
                Terminal.say(
                    JSON.object([
                        "type": .string(value.type.rawValue), "value": .string(value.value),
                        "set": .bool(value.isSet), "error": value.error.map { .string($0) } ?? .null,
                    ]).text)
            } else {
                Terminal.say(value.isSet ? value.value : "(not set)")
                if let error = value.error { Terminal.complain("fastly.error is \(error)\n") }
            }
            return true
        } catch {
            if json {
                let message =
                    error.diagnostics.first { $0.severity == .error }?.message ?? "it does not compile"
                Terminal.say(
                    JSON.object([
                        "type": .null, "value": .null, "set": .bool(false), "error": .string(message),
                    ]).text)
            } else {
                Terminal.complain(error.diagnostics.rendered(colour: Terminal.errorsAreColoured))
            }
            return false
        }
    }
}
