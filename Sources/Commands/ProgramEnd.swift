import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// How the program ends when a command did not do what was asked: a sentence and a hint for people, one JSON document for
/// `--json`, and the exit status.
package enum ProgramEnd {
    /// Says it and returns the status: 1 refused, failed or findings, 2 wrong usage.
    package static func say(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        let failure = error as? Failure
        if failure == nil, HQ.exitCode(for: error).isSuccess {
            Terminal.say(HQ.fullMessage(for: error))
            return 0
        }
        let isUsage = failure.map { $0.kind == .usage } ?? isOfTheParser(error)
        if CommandLine.arguments.contains("--json") {
            let report =
                failure.map { Report($0) }
                ?? Report(Failure(isUsage ? .usage : .internal, HQ.message(for: error)))
            Terminal.say(report.json.text)
        } else if let failure {
            Terminal.complain("hq: \(failure.message)\n" + (failure.hint.map { "    \($0)\n" } ?? ""))
        } else {
            Terminal.complain(HQ.fullMessage(for: error) + "\n")
        }
        return isUsage ? 2 : 1
    }

    /// The parser's own errors have usage's exit status; what the system throws has not.
    private static func isOfTheParser(_ error: any Error) -> Bool {
        HQ.exitCode(for: error) == .validationFailure
    }
}
