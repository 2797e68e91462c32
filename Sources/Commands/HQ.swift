package import ArgumentParser

/// The root of all commands.
package struct HQ: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hq", abstract: "The operations platform of a campaign.", version: HQ.version,
        subcommands: [
            UpCommand.self, StatusCommand.self, InitCommand.self, CheckCommand.self, ReloadCommand.self,
            ExportCommand.self,
            DictCommand.self, PresetCommand.self, ApprovalsCommand.self, ApproveCommand.self,
            RejectCommand.self,
            LogCommand.self,
            ShowCommand.self, UndoCommand.self, CalendarCommand.self, PurgeCommand.self, LoginCommand.self,
            PeopleCommand.self,
            TokenCommand.self, BackupCommand.self,
            RestoreCommand.self,
            VCLCommand.self, EdgeCommand.self, RehearseCommand.self, OriginCommand.self,
            ControlCommandLine.self,
        ])

    package static let version = "0.1.0"

    package init() {}

    /// The command that words name, with its values. One that knows the names above its own is parsed by itself: what
    /// the parser does at the root (a look for completion scripts in two ways, built-in flags at every level) costs a
    /// start of the process two milliseconds, a tenth of what an editor waits for a lint.
    package static func command(for words: [String]) throws -> any ParsableCommand {
        var type: any ParsableCommand.Type = HQ.self
        var rest = words[...]
        while let word = rest.first,
            let next = type.configuration.subcommands.first(where: { $0.configuration.commandName == word })
        {
            type = next
            rest.removeFirst()
        }
        if type.configuration._superCommandName != nil, let command = try? type.parseAsRoot(Array(rest)) {
            return command
        }
        // Mistakes and requests for help as well: the root knows how to speak of all names.
        return try parseAsRoot(words)
    }
}

extension CommandConfiguration {
    /// The same for a command that an editor starts at every pause in typing: it knows the names above its own.
    func startedOften(below names: String) -> CommandConfiguration {
        var copy = self
        copy._superCommandName = names
        return copy
    }
}

struct EdgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge", abstract: "The caching edge that runs VCL.",
        subcommands: [
            EdgeRun.self, EdgeStart.self, EdgeStats.self, EdgeTop.self, EdgeLog.self, EdgeRequests.self,
            EdgeExplain.self, EdgeWarm.self, EdgeShed.self, EdgeUpgrade.self, EdgeCertificatesCommand.self,
            EdgeRemote.self,
        ])
}
