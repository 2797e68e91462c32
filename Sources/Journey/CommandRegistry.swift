package import Foundation
import Kernel

/// A command as a door sends it. Files and standard input were read by the door.
package struct CommandCall: Sendable, Codable {
    package var argv: [String]
    package var attachments: [String: Data]?

    package init(argv: [String], attachments: [String: Data]? = nil) {
        self.argv = argv
        self.attachments = attachments
    }
}

/// All commands that the control plane carries out. The program hands it to the planes, which know no command by name.
package protocol CommandRegistry: Sendable {
    func execute(_ call: CommandCall, as actor: Actor) async -> Report
    /// What there is, for typed routes, forms and help.
    var commands: [CommandDescription] { get }
}

/// A command and its parameters, read from its one declaration.
package struct CommandDescription: Sendable, Codable, Hashable {
    package struct Parameter: Sendable, Codable, Hashable {
        package enum Kind: String, Sendable, Codable { case positional, option, flag }

        /// As in argv, without dashes: `because`, `dry-run`, `dict`.
        package let name: String
        package let kind: Kind
        package let help: String
        package let isRequired: Bool
        package let isRepeating: Bool
        /// What it takes, when only some words will do.
        package let choices: [String]
        package let defaultValue: String?
        /// Whether it names a file, which the door reads and sends along.
        package let isFile: Bool

        package init(
            name: String, kind: Kind, help: String, isRequired: Bool, isRepeating: Bool, choices: [String],
            defaultValue: String?, isFile: Bool
        ) {
            self.name = name
            self.kind = kind
            self.help = help
            self.isRequired = isRequired
            self.isRepeating = isRepeating
            self.choices = choices
            self.defaultValue = defaultValue
            self.isFile = isFile
        }
    }

    /// `["dict", "set"]`
    package let path: [String]
    package let about: String
    /// Changes nothing, so that a GET may carry it.
    package let isReading: Bool
    package let parameters: [Parameter]

    package init(path: [String], about: String, isReading: Bool, parameters: [Parameter]) {
        self.path = path
        self.about = about
        self.isReading = isReading
        self.parameters = parameters
    }

    /// A call with these values by name. A door without files of its own gives a file's content in its place.
    package func call(_ values: [String: [String]]) throws -> CommandCall {
        guard let file = parameters.first(where: \.isFile), let content = values[file.name]?.first else {
            return CommandCall(argv: try argv(values))
        }
        var values = values
        values[file.name] = ["-"]
        return CommandCall(argv: try argv(values), attachments: ["-": Data(content.utf8)])
    }

    /// The words of a call with these values by name. Throws what is wrong with them, all parameters considered.
    package func argv(_ values: [String: [String]]) throws -> [String] {
        if let unknown = values.keys.sorted().first(where: { name in !parameters.contains { $0.name == name }
        }) {
            throw Failure(
                .usage, "\(path.joined(separator: " ")) has no parameter '\(unknown)'",
                hint: nearest(unknown, among: parameters.map(\.name)).map { "did you mean '\($0)'?" }
                    ?? "it has \(parameters.map(\.name).joined(separator: ", "))")
        }
        var options: [String] = []
        var positional: [String] = []
        for parameter in parameters {
            let given = values[parameter.name] ?? []
            switch parameter.kind {
            case .flag:
                if given.contains(where: { ["true", "on", "1", "yes"].contains($0) }) {
                    options.append("--" + parameter.name)
                }
            case .option: options += given.filter { !$0.isEmpty }.map { "--\(parameter.name)=\($0)" }
            case .positional:
                guard !given.isEmpty || !parameter.isRequired else {
                    throw Failure(
                        .usage, "\(path.joined(separator: " ")) needs '\(parameter.name)'",
                        hint: parameter.help)
                }
                positional += given
            }
        }
        // Values are never taken for options, whatever they begin with.
        return path + options + (positional.isEmpty ? [] : ["--"] + positional)
    }
}
