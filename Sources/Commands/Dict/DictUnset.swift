import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictUnset: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "unset", abstract: "Remove an entry.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "The key.") var key: String
    @OptionGroup var expectation: Expectation
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (dict, key, expected) = (dict, key, expectation.value)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planUnset(dict, key, expected: expected, in: $0)
        }
        return Report(result)
    }
}
