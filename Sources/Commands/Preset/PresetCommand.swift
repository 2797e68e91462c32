import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel

struct PresetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preset",
        abstract: "Change sets with a name, from the campaign file: debate night on, off.",
        subcommands: [PresetList.self, PresetOn.self, PresetOff.self])
}

struct PresetList: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the presets.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let all = try await context.control.presets()
        return Report(
            all.isEmpty ? "no presets" : counted(all.count, "preset"),
            table: .init(
                columns: ["preset", "is", "about"],
                rows: all.map { [$0.preset.name, $0.state.rawValue, $0.preset.about] }),
            hint: all.isEmpty ? "add them under 'presets:' in campaign.yaml" : "hq preset on NAME --dry-run",
            data: .object([
                "presets": .array(
                    all.map {
                        .object([
                            "name": .string($0.preset.name), "about": .string($0.preset.about),
                            "state": .string($0.state.rawValue),
                        ])
                    })
            ]))
    }
}

struct PresetOn: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Set what a preset sets, all of it together.")
    @Argument(help: "The preset.") var name: String
    @OptionGroup var seen: Seen
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(
            try await context.control.turn(
                name, on: true, since: seen.since, time.apply(to: change.request(context))))
    }
}

struct PresetOff: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "Set what a preset sets when it is off, all of it together.")
    @Argument(help: "The preset.") var name: String
    @OptionGroup var seen: Seen
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(
            try await context.control.turn(
                name, on: false, since: seen.since, time.apply(to: change.request(context))))
    }
}
