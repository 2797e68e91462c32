package import ArgumentParser

/// The root of all commands.
package struct HQ: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hq", abstract: "The operations platform of a campaign.", version: HQ.version,
        subcommands: [
            UpCommand.self, StatusCommand.self, InitCommand.self, CheckCommand.self, ReloadCommand.self,
            ExportCommand.self,
            DictCommand.self, LogCommand.self,
            ShowCommand.self, UndoCommand.self, CalendarCommand.self, PurgeCommand.self, LoginCommand.self,
            PeopleCommand.self,
            TokenCommand.self, BackupCommand.self,
            RestoreCommand.self,
            VCLCommand.self, EdgeCommand.self, RehearseCommand.self, OriginCommand.self, ControlCommandLine.self,
        ])

    package static let version = "0.1.0"

    package init() {}
}

struct EdgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge", abstract: "The caching edge that runs VCL.",
        subcommands: [EdgeRun.self, EdgeStart.self, EdgeStats.self])
}
