import Foundation
import HTTP1
import Kernel
import NIOCore
import NIOPosix
import NIOSSL
package import Rehearsal

/// Sends a load: one event loop for each part of its plan, in step with one clock.
package final class LoadGenerator: Sendable {
    private let plan: LoadPlan
    private let group: MultiThreadedEventLoopGroup
    private let loops: [LoadLoop]
    private let usage: UsageMeter

    package init(_ plan: LoadPlan) throws {
        self.plan = plan
        group = MultiThreadedEventLoopGroup(numberOfThreads: plan.loops)
        let requests = plan.requests()
        var tls: NIOSSLContext?
        if plan.target.isTLS {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.applicationProtocols = ["http/1.1"]
            if !plan.verifiesCertificates { configuration.certificateVerification = .none }
            tls = try NIOSSLContext(configuration: configuration)
        }
        loops = group.makeIterator().enumerated().map { index, loop in
            LoadLoop(plan: plan, loop: loop, part: index, requests: requests, tls: tls)
        }
        let isHere = plan.addresses.allSatisfy {
            $0.ipAddress.flatMap { IPAddress($0) }.map(RehearsalTarget.isLoopback) ?? false
        }
        usage = UsageMeter(port: isHere ? plan.target.address.port : nil)
    }

    /// Runs the whole curve. `each` gets every second as it ends and says whether to go on: nil, or why not. `events` are
    /// done at the beginning of a second, and say what they did.
    /// - Returns: why it ended early, or nil.
    package func run(
        events: @Sendable (Int) async -> [String] = { _ in [] },
        each: (RehearsalSecond, Tally) async -> String?
    ) async throws -> String? {
        try await prepare()
        // What was counted while connections were made is none of the load's.
        usage.begin(loops: await states().map(\.cpuSeconds))
        // Soon, so that all loops hear of it before.
        let start = LoadLoop.now() + 20_000_000
        for load in loops { load.loop.execute { load.begin(at: start) } }
        let length = plan.curve.seconds
        var reason: String?
        var second = 0
        while reason == nil {
            let said = await events(second)
            await pause(until: start + Int64(second + 1) * 1_000_000_000)
            let (sample, tally) = await sample(second, said)
            reason = await each(sample, tally)
            if Task.isCancelled { reason = reason ?? "it was stopped" }
            second += 1
            if Double(second) >= length { break }
        }
        // Else a loop that is late still sends what was due.
        if reason != nil { for load in loops { load.loop.execute { load.stopSending() } } }
        // Answers that are still on their way belong to the last second that asked.
        let deadline = LoadLoop.now() + plan.timeout.nanoseconds
        while LoadLoop.now() < deadline, await !isDone() { await pause(until: LoadLoop.now() + 20_000_000) }
        for load in loops { try await load.loop.submit { load.finish() }.get() }
        let (sample, tally) = await sample(second, [], isOver: true)
        if tally.answers + tally.failures > 0 { _ = await each(sample, tally) }
        try await group.shutdownGracefully()
        return reason
    }

    private func prepare() async throws {
        if plan.warmsCache {
            for load in loops { try await load.loop.flatSubmit { load.warm() }.get() }
        }
        for load in loops { try await load.loop.submit { load.openConnections() }.get() }
        let deadline = LoadLoop.now() + plan.timeout.nanoseconds
        while LoadLoop.now() < deadline {
            var isReady = true
            for load in loops where try await !load.loop.submit({ load.isReady }).get() { isReady = false }
            if isReady { break }
            await pause(until: LoadLoop.now() + 5_000_000)
        }
    }

    /// Sleeps on, whether it was cancelled or not: how a load ends is decided elsewhere, in good order.
    private func pause(until moment: Int64) async {
        let left = moment - LoadLoop.now()
        guard left > 0 else { return }
        try? await group.next().scheduleTask(in: .nanoseconds(left)) {}.futureResult.get()
    }

    private func states() async -> [LoadLoop.State] {
        var all: [LoadLoop.State] = []
        for load in loops {
            all.append((try? await load.loop.submit { load.take() }.get()) ?? LoadLoop.State())
        }
        return all
    }

    private func isDone() async -> Bool {
        for load in loops where (try? await load.loop.submit { load.isDone }.get()) == false { return false }
        return true
    }

    /// `isOver`: what came after the last whole second, of which no more was wanted than became due.
    private func sample(_ second: Int, _ events: [String], isOver: Bool = false) async -> (
        RehearsalSecond, Tally
    ) {
        let states = await states()
        var tally = Tally()
        for state in states { tally.add(state.tally) }
        var used = usage.take(loops: states.map(\.cpuSeconds))
        used.openConnections = states.reduce(0) { $0 + $1.open }
        used.busyConnections = states.reduce(0) { $0 + $1.busy }
        used.backlog = states.reduce(0) { $0 + $1.backlog }
        let wanted =
            isOver ? Double(tally.due) : plan.curve.requests(from: Double(second), to: Double(second + 1))
        return (
            RehearsalSecond(second: second, wanted: wanted, tally: tally, usage: used, events: events), tally
        )
    }
}
