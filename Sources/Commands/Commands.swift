import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// Parses the words of a call and runs what they name, as the control plane.
struct Commands: CommandRegistry {
    let control: Control
    let commands = CommandTable.all

    func execute(_ call: CommandCall, as actor: Actor) async -> Report {
        do {
            let command = try parse(call.argv)
            let context = CommandContext(
                control: control, actor: actor, argv: Commands.withoutDoor(call.argv),
                attachments: call.attachments ?? [:])
            return try await command.execute(context)
        } catch let failure as Failure {
            if !failure.context.isEmpty {
                Terminal.complain("control: \(failure.message) \(failure.context)\n")
            }
            return Report(failure)
        } catch {
            // What went wrong inside is for the log; it may hold what is nobody's business.
            Terminal.complain("control: '\(call.argv.first ?? "")' went wrong: \(error)\n")
            return Report(
                Failure(.internal, "something went wrong inside", hint: "the control plane's log says what"))
        }
    }

    private func parse(_ argv: [String]) throws -> any ControlCommand {
        let controls = { (word: String) in
            word.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        }
        guard !argv.contains(where: controls) else {
            throw Failure(.usage, "words hold no line breaks or other control characters")
        }
        do {
            if let command = try HQ.parseAsRoot(argv) as? any ControlCommand { return command }
        } catch {
            let text = HQ.message(for: error)
            throw Failure(.usage, text.isEmpty ? "these words make no command" : text, hint: "hq help")
        }
        throw Failure(
            .usage, "'\(argv.joined(separator: " "))' is not for the control plane",
            hint: "run it in a terminal")
    }

    /// The words for the ledger, without those that only say how to reach us and what to print.
    private static func withoutDoor(_ argv: [String]) -> [String] {
        var kept: [String] = []
        var skip = false
        for word in argv {
            if kept.contains("--") {
                kept.append(word)
            } else if skip {
                skip = false
            } else if word == "--dir" {
                skip = true
            } else if word != "--json", !word.hasPrefix("--dir=") {
                kept.append(word)
            }
        }
        return kept
    }
}
