import ArgumentParser
import Foundation
import Kernel
import LoadGeneration
import Rehearsal
import UnixSignals

/// `hq rehearse SHAPE`: the load itself.
struct RehearseRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Load an edge; 'hq rehearse SHAPE' is short for it.",
        discussion: """
            Requests are sent when they are due, whatever the edge answers, and latencies count from that moment: a slow edge cannot
            hide behind a patient client. Exit status 1 when a threshold was exceeded or the rehearsal ended early.
            """)

    @Argument(help: ArgumentHelp("How visitors come; 'hq rehearse shapes' lists all.", valueName: "shape"))
    var name: String?
    @Option(help: ArgumentHelp("The same, as an option.", valueName: "shape")) var shape: String?
    @Option(help: ArgumentHelp("The edge to load, such as http://127.0.0.1:8080.", valueName: "url"))
    var target: String?
    @Flag(name: .customLong("self"), help: "Start an edge and an origin for it, and end them afterwards.")
    var selfContained = false
    @Option(help: ArgumentHelp("What 'hq rehearse authorize' made for a host elsewhere.", valueName: "word"))
    var token: String?
    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Thresholds") var limits: ThresholdOptions
    @OptionGroup(title: "With --self") var stage: StageOptions
    @Flag(help: "Print JSON, each second's figures too.") var json = false
    @Option(
        help: ArgumentHelp(
            "The campaign whose console shows it; else that of the folder you stand in.", valueName: "dir"),
        completion: .directory)
    var dir: String?

    func validate() throws {
        if name != nil, shape != nil {
            throw ValidationError("give the shape once, as a word or with --shape")
        }
        if selfContained, target != nil { throw ValidationError("--self starts an edge; --target names one") }
        if !selfContained, stage.isAsked {
            throw ValidationError(
                "--origin-latency, --origin-dies, --origin-returns and --dictionary-changes belong to --self")
        }
    }

    func run() async throws {
        let shape = try SurgeShape.named(name ?? shape ?? "frankenbump")
        let rate = load.rate ?? shape.rate
        let length = load.length.flatMap { Duration(parsing: $0) } ?? shape.length
        let curve = shape.curve(rate: rate, length: length)
        guard selfContained else {
            let target = try RehearsalTarget(parsing: target ?? "http://127.0.0.1:8080")
            return try await rehearse(
                shape, curve, target, mix: try load.mix() ?? PathMix(paths: ["/"], weights: [1]))
        }
        let stage = try await RehearsalStage.start(stage)
        do {
            try await rehearse(
                shape, curve, stage.target, mix: try load.mix() ?? RehearsalStage.mix(rate: rate),
                stage: stage)
        } catch {
            await stage.end()
            throw error
        }
        await stage.end()
    }

    private func plan(_ target: RehearsalTarget, _ mix: PathMix, _ curve: RateCurve, _ gate: HostGate)
        async throws
        -> LoadPlan
    {
        let addresses = try gate.addresses()
        let confirmed = try await gate.confirmation(for: addresses, now: Int64(Date().timeIntervalSince1970))
        if let confirmed, curve.highest > Double(confirmed.rate) {
            throw Failure(
                .refused, "\(confirmed.host) confirms \(grouped(confirmed.rate)) requests/s at most",
                hint: "--rate \(confirmed.rate)")
        }
        let isHere = HostGate.areHere(addresses)
        if !isHere, load.insecure {
            throw Failure(.usage, "--insecure is for edges on this machine")
        }
        var plan = LoadPlan(target: target, addresses: addresses, mix: mix, curve: curve)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        plan.loops = load.loops ?? (isHere ? max(1, cores / 2) : cores)
        plan.maxConnections = max(load.connections, plan.loops)
        plan.warmConnections = load.warmConnections
        plan.requestsPerConnection = load.requestsPerConnection
        plan.timeout = Duration(parsing: load.timeout) ?? plan.timeout
        plan.spacing = ArrivalSchedule.Spacing(rawValue: load.spacing) ?? .even
        plan.seed = load.seed
        plan.warmsCache = load.warm || selfContained
        plan.hostHeader = load.host
        if let from = load.from { try plan.come(from: from) }
        plan.verifiesCertificates = !load.insecure
        return plan
    }

    private func rehearse(
        _ shape: SurgeShape, _ curve: RateCurve, _ target: RehearsalTarget, mix: PathMix,
        stage: RehearsalStage? = nil
    ) async throws {
        let gate = HostGate(target: target, token: token)
        let plan = try await plan(target, mix, curve, gate)
        if mix.skipped > 0 { Terminal.complain("hq: \(grouped(mix.skipped)) lines of the log hold no GET\n") }
        let generator = try LoadGenerator(plan)
        var report = RehearsalReport(
            shape: shape.name, target: target.description, loops: plan.loops,
            maxConnections: plan.maxConnections,
            thresholds: limits.thresholds)
        let teller = try RehearsalTeller.find(dir, length: curve.seconds)
        let stop = Guarded<String?>(nil)
        let watching = watch(gate, plan, stop)
        var screen = RehearsalScreen(isShown: !json && Terminal.isColoured, length: curve.seconds)
        report.cutShort = try await generator.run(
            events: { second in await stage?.act(at: second) ?? [] },
            each: { second, tally in
                report.add(second, tally)
                screen.show(report)
                teller?.tell(report)
                return stop.withLock { $0 }
            })
        for task in watching { task.cancel() }
        screen.end()
        await teller?.end(report)
        Terminal.say(json ? report.json.text : report.text)
        if !report.isGood { throw ExitCode(1) }
    }

    /// What can end a rehearsal before its time: a person, and a host's owner.
    private func watch(_ gate: HostGate, _ plan: LoadPlan, _ stop: Guarded<String?>) -> [Task<Void, Never>] {
        var tasks = [
            Task {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    stop.withLock { $0 = "it was stopped" }
                }
            }
        ]
        guard !HostGate.areHere(plan.addresses) else { return tasks }
        tasks.append(
            Task {
                while (try? await Task.sleep(for: .seconds(RehearsalLimits.confirmSeconds))) != nil {
                    do {
                        _ = try await gate.confirmation(
                            for: plan.addresses, now: Int64(Date().timeIntervalSince1970))
                    } catch let failure as Failure where failure.kind == .refused {
                        stop.withLock { $0 = failure.message }
                    } catch {
                        // A host that does not answer under load has taken nothing back; its errors are counted.
                    }
                }
            })
        return tasks
    }
}

/// The picture of a rehearsal on a terminal, drawn over itself each second.
struct RehearsalScreen {
    let isShown: Bool
    let length: Double
    private var drawn = 0

    init(isShown: Bool, length: Double) {
        self.isShown = isShown
        self.length = length
    }

    mutating func show(_ report: RehearsalReport) {
        guard isShown else { return }
        let lines = LivePicture.lines(report, length: length)
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        Terminal.say(up + lines.map { "\u{1B}[2K" + $0 }.joined(separator: "\n"))
        drawn = lines.count
    }

    /// The report takes the picture's place.
    mutating func end() {
        guard isShown, drawn > 0 else { return }
        Terminal.say("\u{1B}[\(drawn)A\u{1B}[0J\u{1B}[1A")
        drawn = 0
    }
}
