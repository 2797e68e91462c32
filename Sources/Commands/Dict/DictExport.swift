import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictExport: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a dictionary as JSON that 'import' reads.")
    @Argument(help: "The dictionary.") var dict: String
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let dict = dict
        let (declared, entries) = try context.control.store.read {
            (try Dictionaries.declaration(of: dict, in: $0), try Dictionaries.entries(of: dict, in: $0))
        }
        guard declared.kind != .secrets else {
            throw Failure(.refused, "\(dict) holds secrets, which nobody reads again")
        }
        let object = Dictionary(entries.map { ($0.key, JSON.string($0.value)) }, uniquingKeysWith: { $1 })
        return Report(JSON.object(object).text, data: .object(["entries": .object(object)]))
    }
}
