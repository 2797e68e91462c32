import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

struct LogVerify: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that no entry was removed or altered.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let (problem, head) = try context.control.store.read {
            (try Ledger.verify(in: $0), try Ledger.head(in: $0))
        }
        if let problem {
            throw Failure(
                .invalid, "the ledger was tampered with: \(problem)", hint: "compare it with a backup")
        }
        return Report("the ledger is whole: \(head.number) entries", fields: [.init("head", head.hash)])
    }
}
