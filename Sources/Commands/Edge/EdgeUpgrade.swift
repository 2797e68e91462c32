import ArgumentParser
import Foundation
import Journey
import Kernel
import SocketHandover

/// `hq edge upgrade`: the program's new version serves, and no connection is lost.
struct EdgeUpgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Start the edge's program anew without losing a connection.",
        discussion: """
            For a program that was replaced on disk. The new process fetches the listeners of the old one, serves, and only then
            the old one accepts nobody any more; it ends what it has begun and exits. Its cache is empty at first. A new one that
            cannot start changes nothing. For 'hq edge run --handover PATH' start the new program yourself, with the same options.
            """)

    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?

    /// What a new process may take until it serves.
    private static let patience: Duration = .seconds(30)

    func run() async throws {
        let folder = try ControlFinder.folder(dir)
        guard let table = ProcessTable.read(in: folder), let supervisor = table.supervisor,
            kill(supervisor, 0) == 0, let before = EdgeUpgrade.edge(table)
        else {
            throw Failure(
                .unavailable, "'hq up' does not run in \(folder.path)",
                hint: "hq up starts it, with the new program")
        }
        let began = ContinuousClock.now
        kill(supervisor, SIGUSR2)
        while ContinuousClock.now - began < EdgeUpgrade.patience {
            try await Task.sleep(for: .milliseconds(20))
            guard let now = Handover.process(at: Succession.path(of: "edge-1", in: folder)), now != before
            else {
                continue
            }
            let took = (ContinuousClock.now - began).brief
            return Terminal.say("edge upgraded: process \(now) serves in place of \(before), after \(took)")
        }
        throw Failure(
            .unavailable, "no new edge serves after \(EdgeUpgrade.patience.brief); the old one goes on",
            hint: "hq status shows the processes; what 'hq up' prints says why the new one ended")
    }

    private static func edge(_ table: ProcessTable) -> Int32? { table.rows.first { $0.name == "edge" }?.pid }
}
