import ArgumentParser
import Foundation
import Journey

/// The commands of the control plane with their parameters, read from their declarations: the parser's own description of itself
/// is the table, so that nothing is said twice.
enum CommandTable {
    static let all: [CommandDescription] = {
        let dump = try? JSONDecoder().decode(Dump.self, from: Data(HQ._dumpHelp().utf8))
        return leaves(HQ.self, []).compactMap { path, type in
            dump?.command.find(path[...]).map { info in
                CommandDescription(
                    path: path, about: info.abstract ?? "", isReading: type.isReading,
                    parameters: (info.arguments ?? []).compactMap(\.parameter))
            }
        }
    }()

    private static func leaves(_ type: any ParsableCommand.Type, _ path: [String]) -> [(
        [String], any ControlCommand.Type
    )] {
        if let command = type as? any ControlCommand.Type { return [(path, command)] }
        return type.configuration.subcommands.flatMap { one in
            leaves(one, path + [one.configuration.commandName ?? ""])
        }
    }

    // MARK: the parser's description of itself

    private struct Dump: Decodable { let command: Info }

    private struct Info: Decodable {
        let commandName: String
        let abstract: String?
        let subcommands: [Info]?
        let arguments: [Argument]?

        func find(_ path: ArraySlice<String>) -> Info? {
            guard let first = path.first else { return self }
            return subcommands?.first { $0.commandName == first }?.find(path.dropFirst())
        }
    }

    private struct Argument: Decodable {
        struct Name: Decodable { let name: String }
        struct Completion: Decodable {
            let isFile: Bool
            init(from decoder: any Decoder) throws {
                let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
                isFile = keys.contains("file")
            }
        }

        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let preferredName: Name?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
        let completionKind: Completion?

        /// Nil for what only concerns the door: how to print, where the campaign is, help.
        var parameter: CommandDescription.Parameter? {
            let name = (kind == "positional" ? valueName : preferredName?.name) ?? ""
            guard shouldDisplay, !["json", "dir", "help", "version"].contains(name),
                let kind = CommandDescription.Parameter.Kind(rawValue: kind)
            else { return nil }
            return CommandDescription.Parameter(
                name: name, kind: kind, help: abstract ?? "", isRequired: !isOptional,
                isRepeating: isRepeating, choices: allValues ?? [], defaultValue: defaultValue,
                isFile: completionKind?.isFile ?? false)
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
