import ArgumentParser
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
        let entries = try context.control.store.read {
            try Dictionaries.entries(of: dict, in: $0).filter { key == nil || $0.key == key }
        }
        if let key, entries.isEmpty {
            throw Failure(.notFound, "\(dict) has no entry '\(key)'", hint: "hq dict show \(dict)")
        }
        return Report(
            "\(dict): \(entries.count) \(entries.count == 1 ? "entry" : "entries")",
            table: .init(columns: ["key", "value"], rows: entries.map { [$0.key, $0.value] }),
            hint: entries.isEmpty ? "hq dict set \(dict) KEY VALUE" : nil,
            data: .object([
                "dictionary": .string(dict),
                "entries": .object(
                    Dictionary(entries.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { $1 })),
            ]))
    }
}
