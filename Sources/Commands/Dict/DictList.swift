import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictList: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the dictionaries.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let all = try context.control.store.read { try Dictionaries.list(in: $0) }
        let data = all.map {
            JSON.object([
                "name": .string($0.name), "about": .string($0.about), "kind": .string($0.kind.rawValue),
                "entries": .integer(Int64($0.count)),
            ])
        }
        return Report(
            all.isEmpty ? "no dictionaries" : counted(all.count, "dictionary", "dictionaries"),
            table: .init(
                columns: ["dictionary", "kind", "entries", "about"],
                rows: all.map { [$0.name, $0.kind.rawValue, "\($0.count)", $0.about] }),
            hint: all.isEmpty ? "add them under 'dictionaries:' in campaign.yaml" : "hq dict show NAME",
            data: .object(["dictionaries": .array(data)]))
    }
}
