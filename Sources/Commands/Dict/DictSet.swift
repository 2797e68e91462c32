import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictSet: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set an entry; in effect on every edge when it returns.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "The key, exactly as the VCL looks it up.") var key: String
    @Argument(help: "The value.") var value: String
    @OptionGroup var expectation: Expectation
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let seal = context.control.seal
        let (dict, key, value, expected) = (dict, key, value, expectation.value)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planSet(dict, key, value, expected: expected, seal: seal, in: $0)
        }
        return Report(result)
    }
}
