import ArgumentParser
import Commands
import Foundation

/// Runs a command and turns its end into an exit status: 0 done, 1 refused, failed or findings, 2 wrong usage.
@main
struct Main {
    static func main() async {
        do {
            var command = try HQ.command(for: Array(CommandLine.arguments.dropFirst()))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(ProgramEnd.say(error))
        }
    }
}
