import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger

/// `hq log --follow`: entries as they are made, through restarts of the control plane, none left out.
struct LogFollower {
    private let command: LogShow
    /// Between two tries to take up a line that broke.
    private static let pause: Duration = .seconds(1)

    init(_ command: LogShow) { self.command = command }

    func run() async throws {
        let latest = try await ask(["log", "--limit", "1"])
        let seen = Guarded(try entries(latest).first?.number ?? 0)
        let zone = try await ask(["status"]).data["timeZone"]?.string.flatMap { TimeZone(identifier: $0) }
        let local = LocalTime(zone ?? .current)
        var isSilent = false
        while true {
            do {
                try await ControlFinder.find(command.door.dir).lines("/v1/log/follow") { line in
                    if let entry = try? JSONDecoder().decode(LedgerEntry.self, from: line) {
                        say(entry, local, seen)
                    }
                }
            } catch let failure as Failure where failure.kind == .unauthenticated {
                throw failure
            } catch {}
            if !isSilent { Terminal.complain("hq: the control plane is gone; going on when it is back\n") }
            isSilent = true
            try await Task.sleep(for: LogFollower.pause)
            guard
                let missed = try? await ask(["log", "--after", "\(seen.withLock { $0 })", "--limit", "1000"])
            else {
                continue
            }
            isSilent = false
            for entry in (try? entries(missed))?.reversed() ?? [] { say(entry, local, seen) }
        }
    }

    private func ask(_ argv: [String]) async throws -> Report {
        try await ControlFinder.find(command.door.dir).report(of: CommandCall(argv: argv))
    }

    private func entries(_ report: Report) throws -> [LedgerEntry] {
        try report.data["entries"]?.decoded(as: [LedgerEntry].self) ?? []
    }

    private func say(_ entry: LedgerEntry, _ local: LocalTime, _ seen: Guarded<Int64>) {
        let isNew = seen.withLock { last in
            defer { last = max(last, entry.number) }
            return entry.number > last
        }
        let part = command.grep ?? ""
        guard isNew, command.by == nil || entry.actor.name == command.by,
            command.through == nil || entry.actor.door == command.through,
            part.isEmpty || entry.change.summary.contains(part) || entry.because?.contains(part) == true
        else { return }
        guard !command.door.json else {
            return Terminal.say((try? JSON.string(of: entry)) ?? "")
        }
        Terminal.say(
            "  \(entry.number)  \(local.stamp(entry.at))  \(entry.actor.name)  \(entry.actor.door.rawValue)  \(entry.marked)"
        )
    }
}
