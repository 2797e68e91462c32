import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dict", abstract: "Dictionaries: what staff may change while the edge runs.",
        subcommands: [
            DictList.self, DictShow.self, DictSet.self, DictUnset.self, DictImport.self, DictExport.self,
        ])
}

struct DictList: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the dictionaries.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let all = try context.control.store.read { try Dictionaries.list(in: $0) }
        let data = all.map {
            JSON.object([
                "name": .string($0.name), "about": .string($0.about), "entries": .integer(Int64($0.count)),
            ])
        }
        return Report(
            all.isEmpty ? "no dictionaries" : counted(all.count, "dictionary", "dictionaries"),
            table: .init(
                columns: ["dictionary", "entries", "about"],
                rows: all.map { [$0.name, "\($0.count)", $0.about] }),
            hint: all.isEmpty ? "add them under 'dictionaries:' in campaign.yaml" : "hq dict show NAME",
            data: .object(["dictionaries": .array(data)]))
    }
}

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
        let (dict, key, value, expected) = (dict, key, value, expectation.value)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planSet(dict, key, value, expected: expected, in: $0)
        }
        return Report(result)
    }
}

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

struct DictImport: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import entries as one change.",
        discussion:
            "Reads a JSON object or lines of 'key,value' (CSV, quotes as in RFC 4180) from a file, or from standard input for '-'."
    )
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "A file, or - for standard input.", completion: .file()) var file: String
    @Flag(help: "Remove entries that the file lacks.") var replace = false
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] {
        if file == "-" { return [file: FileHandle.standardInput.readDataToEndOfFile()] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.notFound, "cannot read '\(file)'")
        }
        return [file: data]
    }

    func execute(_ context: CommandContext) async throws -> Report {
        guard let data = context.attachments[file] else {
            throw Failure(.usage, "the file '\(file)' was not sent along")
        }
        let wanted = try EntryFile.parse(data)
        let (dict, replace) = (dict, replace)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planImport(dict, wanted, replace: replace, in: $0)
        }
        return Report(result)
    }
}

struct DictExport: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a dictionary as JSON that 'import' reads.")
    @Argument(help: "The dictionary.") var dict: String
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let dict = dict
        let entries = try context.control.store.read { try Dictionaries.entries(of: dict, in: $0) }
        let object = Dictionary(entries.map { ($0.key, JSON.string($0.value)) }, uniquingKeysWith: { $1 })
        return Report(JSON.object(object).text, data: .object(["entries": .object(object)]))
    }
}

/// What an entry must be for a change to be made, so that nobody overwrites what they have not seen.
struct Expectation: ParsableArguments {
    @Option(help: ArgumentHelp("Only if the entry is this now.", valueName: "value")) var expect: String?
    @Flag(help: "Only if the entry is not there now.") var expectNone = false

    init() {}

    var value: String? { expectNone ? "" : expect }
}
