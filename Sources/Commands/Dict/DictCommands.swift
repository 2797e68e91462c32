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

    func execute(_ context: CommandContext) async throws -> Report {
        let all = try context.control.store.read { try Dictionaries.list(in: $0) }
        let data = all.map {
            JSON.object([
                "name": .string($0.name), "about": .string($0.about), "entries": .integer(Int64($0.count)),
            ])
        }
        return Report(
            all.isEmpty ? "no dictionaries" : "\(all.count) dictionaries",
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
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (dict, key, value) = (dict, key, value)
        let result = try await context.control.carryOut(change.request(context), needs: .editor) {
            try Dictionaries.planSet(dict, key, value, in: $0)
        }
        return Report(result)
    }
}

struct DictUnset: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "unset", abstract: "Remove an entry.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "The key.") var key: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (dict, key) = (dict, key)
        let result = try await context.control.carryOut(change.request(context), needs: .editor) {
            try Dictionaries.planUnset(dict, key, in: $0)
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
        let wanted = try EntryFile.parse(String(decoding: data, as: UTF8.self))
        let (dict, replace) = (dict, replace)
        let result = try await context.control.carryOut(change.request(context), needs: .editor) {
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

    func execute(_ context: CommandContext) async throws -> Report {
        let dict = dict
        let entries = try context.control.store.read { try Dictionaries.entries(of: dict, in: $0) }
        let object = Dictionary(entries.map { ($0.key, JSON.string($0.value)) }, uniquingKeysWith: { $1 })
        return Report(JSON.object(object).text, data: .object(["entries": .object(object)]))
    }
}

/// Entries in a file: a JSON object of strings, or CSV.
enum EntryFile {
    static func parse(_ text: String) throws -> [String: String] {
        if text.drop(while: \.isWhitespace).first == "{" {
            guard let object = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
                throw Failure(
                    .invalid, "this is no JSON object of strings",
                    hint: "write {\"/debate\": \"https://...\"}")
            }
            return object
        }
        var entries: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            guard let (key, value) = fields(line) else {
                throw Failure(
                    .invalid, "line \(index + 1) is not 'key,value'",
                    hint: "put a field with a comma into quotes")
            }
            guard entries[key] == nil else {
                throw Failure(.invalid, "line \(index + 1): the key '\(key)' stands twice")
            }
            entries[key] = value
        }
        return entries
    }

    private static func fields(_ line: Substring) -> (String, String)? {
        var fields: [String] = [""]
        var quoted = false
        var characters = Array(line)[...]
        while let next = characters.popFirst() {
            if next == "\"" {
                if quoted, characters.first == "\"" {
                    fields[fields.count - 1].append("\"")
                    characters.removeFirst()
                } else {
                    quoted.toggle()
                }
            } else if next == ",", !quoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(next)
            }
        }
        return fields.count == 2 && !quoted ? (fields[0], fields[1]) : nil
    }
}

extension Report {
    /// What became of a change.
    init(_ result: Control.Result) {
        let verdicts = result.verdicts
        self.init(
            result.entry.map { "\($0.number)  \(result.change.summary)" }
                ?? "would change: \(result.change.summary)")
        for verdict in verdicts where verdict.decision != .pass {
            notes.append(
                verdict.overridden
                    ? "OVERRODE the \(verdict.guardName) guard: \(verdict.reason)"
                    : "\(verdict.guardName): \(verdict.reason)")
        }
        if let effect = result.effect {
            let time = shortDecimal(effect.milliseconds)
            let place =
                effect.connected == 0
                ? "no edge is connected; they follow when they are"
                : "in effect on \(effect.inEffect) of \(effect.connected) edges after \(time) ms"
            fields.append(.init("effect", place))
            notes += effect.refusals
        }
        if let entry = result.entry { hint = "hq undo \(entry.number) takes it back" }
        data = .object([
            "entry": result.entry.map { .integer($0.number) } ?? .null,
            "change": (try? JSON(encoding: result.change)) ?? .null,
            "verdicts": (try? JSON(encoding: verdicts)) ?? .null,
            "effect": (try? result.effect.map { try JSON(encoding: $0) } ?? .null) ?? .null,
            "dryRun": .bool(result.entry == nil),
        ])
    }
}
