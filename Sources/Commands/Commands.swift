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
            guard let command = try HQ.parseAsRoot(call.argv) as? any ControlCommand else {
                return Report(
                    Failure(
                        .usage, "'\(call.argv.joined(separator: " "))' is not for the control plane",
                        hint: "run it in a terminal"))
            }
            let context = CommandContext(
                control: control, actor: actor, argv: Commands.withoutDoor(call.argv),
                attachments: call.attachments ?? [:])
            return try await command.execute(context)
        } catch let failure as Failure {
            return Report(failure)
        } catch {
            let text = HQ.message(for: error)
            return Report(
                Failure(.usage, text.isEmpty ? "these words make no command" : text, hint: "hq help"))
        }
    }

    /// The words for the ledger, without those that only say how to reach us and what to print.
    private static func withoutDoor(_ argv: [String]) -> [String] {
        var kept: [String] = []
        var skip = false
        for word in argv {
            if skip {
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
