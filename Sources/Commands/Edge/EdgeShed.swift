import ArgumentParser
import CampaignFile
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq edge shed on|off`: edges serve only what they have, or fetch again what they lack.
struct EdgeShed: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "shed", abstract: "Serve only what the caches have, so that no backend is asked.",
        discussion: """
            While it is on, hits are served, and what is stale whatever its age; what the cache does not have is answered 503 with \
            Retry-After (vcl_error may dress it: obj.response is "only the cache is served"). What lies below the paths of the \
            campaign file's 'edge: shed: except:' is fetched as always. On every edge when it returns, a freeze does not hold it \
            up, 'hq undo' takes it back, and 'hq status' says it first. With --admin it is one edge alone that has no campaign.
            """)

    enum Position: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Argument(help: "on or off.") var position: Position
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions
    @Option(
        help: ArgumentHelp(
            "The socket of an edge alone: what its --admin says.", valueName: "path", visibility: .hidden),
        completion: .file())
    var admin: String?
    @Option(
        help: ArgumentHelp(
            "With --admin: paths that are fetched all the same. May be repeated.", valueName: "path",
            visibility: .hidden))
    var except: [String] = []

    func validate() throws {
        if admin == nil {
            if !except.isEmpty {
                throw ValidationError(
                    "--except goes with --admin; a campaign's file says it: edge: shed: except:")
            }
        } else if time.at != nil || time.duration != nil || change.dryRun || !change.overrides.isEmpty {
            throw ValidationError("an edge alone takes neither times nor --dry-run nor --override")
        }
        if except.count > CampaignLimits.shedExceptions {
            throw ValidationError("--except may stand \(CampaignLimits.shedExceptions) times at most")
        }
        for path in except where !Campaign.isPathPrefix(path) {
            throw ValidationError("--except wants the beginning of a path such as /donate, not '\(path)'")
        }
    }

    func run() async throws {
        guard let admin else { return try await print() }
        _ = try await EdgeDoor(path: admin).ask(
            "/v1/shed",
            [
                ("state", position.rawValue),
                ("except", except.isEmpty ? nil : except.joined(separator: "\n")),
            ],
            method: "POST")
        Terminal.say(
            position == .on ? "the edge serves only what it has" : "the edge fetches again what it lacks")
    }

    func execute(_ context: CommandContext) async throws -> Report {
        guard admin == nil else {
            throw Failure(.usage, "--admin is for the terminal on the edge's own machine")
        }
        let wanted = position == .on
        try await context.control.require(.operator, context.actor)
        if wanted, change.because?.contains(where: { !$0.isWhitespace }) != true {
            throw Failure(
                .usage, "visitors will meet errors: say why, for those who wonder",
                hint: "add --because \"...\"")
        }
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .operator
        ) {
            try ShedSwitch.plan(on: wanted, in: $0)
        }
        return Report(result)
    }
}
