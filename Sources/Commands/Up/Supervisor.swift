import Foundation
import Journey
import Kernel

/// Keeps processes alive: one that dies is started again, after a pause that doubles while it keeps dying.
actor Supervisor {
    struct Child: Sendable {
        let name: String
        let address: String
        /// Where it speaks TLS.
        var secure: [String]?
        /// Where it speaks Fastly's API.
        var fastlyAPI: String?
        let arguments: [String]
    }

    /// Pauses before a new start, in milliseconds. A process that lived for ten seconds begins again with the first.
    static let pauses: [Int] = [0, 200, 500, 1000, 2000, 5000]
    /// How long a process may take to end in good order.
    static let grace: Duration = .seconds(10)

    private var children: [Child]
    private let folder: URL
    private struct Running {
        let process: Process
        let tether: Pipe
        let since: ContinuousClock.Instant
    }

    private var running: [String: Running] = [:]
    /// Those that have a successor, until they have ended what they began.
    private var retired: [Running] = []
    /// Looked up at the start: a program that is replaced has no path of its own any more, and its successor has it.
    private let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    private var deaths: [String: Int] = [:]
    private var stopping = false
    private var table: ProcessTable

    init(_ children: [Child], folder: URL) {
        self.children = children
        self.folder = folder
        table = ProcessTable(
            rows: children.map {
                .init(
                    name: $0.name, address: $0.address, secure: $0.secure, fastlyAPI: $0.fastlyAPI, pid: nil,
                    since: Supervisor.now, restarts: -1)
            }, supervisor: getpid())
    }

    private static var now: Int64 { Date().milliseconds }

    private func note(_ child: Child, pid: Int32?) {
        guard let index = table.rows.firstIndex(where: { $0.name == child.name }) else { return }
        table.rows[index].address = child.address
        table.rows[index].secure = child.secure
        table.rows[index].pid = pid
        table.rows[index].since = Supervisor.now
        if pid != nil { table.rows[index].restarts += 1 }
        table.write(in: folder)
    }

    func start() { for child in children { launch(child) } }

    private func launch(_ child: Child) {
        guard !stopping else { return }
        let process = Process()
        process.executableURL = program
        process.arguments = child.arguments
        let tether = Pipe()
        process.standardInput = tether
        process.terminationHandler = { [weak self] ended in
            let (status, reason) = (ended.terminationStatus, ended.terminationReason)
            Task { await self?.ended(child, ended, status, reason) }
        }
        do {
            try process.run()
            running[child.name] = Running(process: process, tether: tether, since: .now)
            note(child, pid: process.processIdentifier)
        } catch {
            Terminal.complain("hq: cannot start \(child.name): \(error)\n")
            let retry = Duration.milliseconds(Supervisor.pauses.last ?? 5000)
            Task {
                try? await Task.sleep(for: retry)
                self.launch(child)
            }
        }
    }

    /// Starts the program anew beside the process of this name, which hands over to it: after an upgrade of the program.
    /// One that cannot take over ends, and is tried again as any that dies; the old one serves meanwhile.
    /// With `next` it has other arguments from here on.
    func replace(_ name: String, by next: Child? = nil) {
        guard !stopping, let index = children.firstIndex(where: { $0.name == name }), let old = running[name]
        else {
            return
        }
        if let next { children[index] = next }
        let child = children[index]
        retired.append(old)
        running[name] = nil
        launch(child)
    }

    private func ended(
        _ child: Child, _ process: Process, _ status: Int32, _ reason: Process.TerminationReason
    ) async {
        if let index = retired.firstIndex(where: { $0.process === process }) {
            let lived = (ContinuousClock.now - retired.remove(at: index).since).brief
            if !stopping { Terminal.say("hq: the \(child.name) before this one has ended, after \(lived)") }
            return
        }
        let lived = running.removeValue(forKey: child.name).map { ContinuousClock.now - $0.since } ?? .zero
        guard !stopping else { return }
        note(child, pid: nil)
        let count = lived > .seconds(10) ? 0 : deaths[child.name, default: 0]
        deaths[child.name] = count + 1
        let pause = Supervisor.pauses[min(count, Supervisor.pauses.count - 1)]
        let how = reason == .uncaughtSignal ? "was killed by signal \(status)" : "ended with status \(status)"
        Terminal.say(
            "hq: \(child.name) \(how) after \(lived.brief); starting it again"
                + (pause > 0 ? " in \(pause) ms" : ""))
        if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
        launch(children.first { $0.name == child.name } ?? child)
    }

    /// The edge first: its visitors' last requests may need the origin.
    func stop() async {
        stopping = true
        for name in ["edge", "origin", "control"] {
            guard let process = running[name]?.process else { continue }
            process.terminate()
            await wait(name)
        }
        for entry in retired { entry.process.terminate() }
        for entry in running.values { kill(entry.process.processIdentifier, SIGKILL) }
        ProcessTable.remove(in: folder)
    }

    private func wait(_ name: String) async {
        let end = ContinuousClock.now + Supervisor.grace
        while running[name] != nil, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
