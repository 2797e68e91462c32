import ArgumentParser
import Commands
import Foundation
import Kernel

/// Runs a command and turns its end into an exit status: 0 done, 1 refused, failed or findings, 2 wrong usage.
@main
struct Main {
    static func main() async {
        do {
            var command = try HQ.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            var text = "hq: \(failure.message)\n"
            if let hint = failure.hint { text += "    \(hint)\n" }
            FileHandle.standardError.write(Data(text.utf8))
            exit(failure.kind == .usage ? 2 : 1)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let status = HQ.exitCode(for: error)
            let text = HQ.fullMessage(for: error)
            let handle = status.isSuccess ? FileHandle.standardOutput : FileHandle.standardError
            handle.write(Data((text + (text.isEmpty ? "" : "\n")).utf8))
            exit(status.isSuccess ? 0 : 2)
        }
    }
}
