import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictShow: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a dictionary's entries, or one of them.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "Show only this entry.") var key: String?
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let (dict, key) = (dict, key)
        let (declared, entries) = try context.control.store.read {
            (
                try Dictionaries.declaration(of: dict, in: $0),
                try DictShow.entries(of: dict, key, in: $0).map {
                    (key: $0.key, value: Sealed.masked($0.value))
                }
            )
        }
        if let key, entries.isEmpty {
            throw Failure(.notFound, "\(dict) has no entry '\(key)'", hint: "hq dict show \(dict)")
        }
        return Report(
            "\(dict): \(entries.count) \(entries.count == 1 ? "entry" : "entries")",
            table: .init(
                columns: ["key", "value"] + (declared.kind == .switches ? ["what it does"] : []),
                rows: entries.map { entry in
                    let about = declared.switches.first { $0.name == entry.key }?.about
                    return [entry.key, entry.value] + (about.map { [$0] } ?? [])
                }),
            hint: entries.isEmpty ? "hq dict set \(dict) KEY VALUE" : nil,
            data: .object([
                "dictionary": .string(dict), "kind": .string(declared.kind.rawValue),
                "entries": .object(
                    Dictionary(entries.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { $1 })),
            ]))
    }

    private static func entries(of dict: String, _ key: String?, in transaction: StoreTransaction) throws
        -> [(
            key: String, value: String
        )]
    {
        guard let key else { return try Dictionaries.entries(of: dict, in: transaction) }
        return try Dictionaries.value(dict, key, in: transaction).map { [(key: key, value: $0)] } ?? []
    }
}
