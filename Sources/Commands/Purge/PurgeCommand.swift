import ArgumentParser
import ControlPlane
import EdgeLink
import Foundation
import Journey
import Kernel

/// `hq purge`: makes the edges forget.
struct PurgeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Make every edge forget a page, what a key names, or everything.",
        discussion: """
            What is purged is fetched again when somebody asks for it. With --soft it may be served stale meanwhile, so \
            that a dead origin hurts nobody.
            """)
    @Option(
        help: ArgumentHelp(
            "A page, such as https://www.example/issues/, as visitors ask for it.", valueName: "url"))
    var url: String?
    @Option(help: ArgumentHelp("What origins named with Surrogate-Key.", valueName: "key")) var key: String?
    @Flag(help: "Everything; an operator's right.") var all = false
    @Flag(help: "Only mark it stale.") var soft = false
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func validate() throws {
        guard [url != nil, key != nil, all].filter({ $0 }).count == 1 else {
            throw ValidationError("give one of --url, --key and --all")
        }
        if key?.allSatisfy(\.isWhitespace) ?? false { throw ValidationError("--key wants a surrogate key") }
        if let url, PurgeCommand.scope(of: url) == nil {
            throw ValidationError("'\(url)' is no address; write https://www.example/issues/")
        }
    }

    static func scope(of url: String) -> PurgeOrder.Scope? {
        guard let rest = url.split(separator: "://", maxSplits: 1).dropFirst().first,
            let host = rest.split(separator: "/").first
        else { return nil }
        let target = rest.dropFirst(host.count)
        return .url(host: String(host), target: target.isEmpty ? "/" : String(target))
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let scope: PurgeOrder.Scope =
            key.map { .key($0) } ?? url.flatMap { PurgeCommand.scope(of: $0) } ?? .all
        var report = Report(try await context.control.purge(scope, soft: soft, change.request(context)))
        report.hint = nil
        return report
    }
}
