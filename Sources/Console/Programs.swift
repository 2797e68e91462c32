import Diagnostics
import EdgeLink
import Foundation
import Kernel
import VCLRuntime
import VCLSimulator

/// What is served, as the simulator takes it.
extension EdgeSnapshot {
    /// The main file's name, the default program's included.
    var mainName: String { main ?? "default.vcl" }

    /// A file's text; that of the default program when the campaign has none of its own.
    func text(of name: String) -> String? {
        files[name] ?? (main == nil && name == mainName ? DefaultVCL.states : nil)
    }

    /// Throws `SimulatedEdge.Mistake` when the program has mistakes.
    func simulated(now: Int64) throws(SimulatedEdge.Mistake) -> SimulatedEdge {
        var model = ServiceModel()
        model.servedHere = true
        let own = entries.keys.filter { !$0.contains("/") }.sorted()
        model.dictionaries = own.filter { !accessLists.contains($0) }
        model.accessLists = own.filter { accessLists.contains($0) }
        model.prelude = [SourceFile(name: "campaign backends", text: prelude)]
        for (name, text) in files { model.includes[name] = SourceFile(name: name, text: text) }
        let source = SourceFile(name: mainName, text: text(of: mainName) ?? "")
        return try SimulatedEdge(main: source, model: model, dictionaries: dictionaries, now: now)
    }
}

/// Where simulations run: one after the other, so that they never take more than one core from those who change something.
actor SimulationBench {
    private nonisolated let waiting = Guarded(0)

    nonisolated func run<T: Sendable>(_ work: @Sendable () throws -> T) async throws -> T {
        let isIn = waiting.withLock { count in
            guard count < ConsoleLimits.simulations else { return false }
            count += 1
            return true
        }
        guard isIn else {
            throw Failure(
                .limit, "\(ConsoleLimits.simulations) simulations wait already", hint: "try again in a moment"
            )
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await alone(work)
    }

    private func alone<T: Sendable>(_ work: @Sendable () throws -> T) throws -> T { try work() }
}

extension SimulatedEdge {
    /// Sends requests until the time for one page is over; those that were not sent have no result.
    func request(_ requests: [SimulatedRequest]) -> [Simulation] {
        let end = ContinuousClock.now + ConsoleLimits.simulationTime
        var found: [Simulation] = []
        for one in requests where ContinuousClock.now < end { found.append(request(one)) }
        return found
    }
}
