import EdgeRecords
package import Kernel
import NIOCore

/// What an edge writes down and remembers of its requests.
package final class Observation: Sendable {
    package struct Settings: Sendable {
        /// Requests that took longer are kept as samples.
        package var slow = Duration.milliseconds(LogLimits.slowMilliseconds)
        /// Answers with a larger body are kept as samples.
        package var large = ByteCount(LogLimits.largeBytes)
        /// Memory of the flight recorder, of all loops together; zero for none.
        package var flightRecorder = ByteCount(0)

        package init() {}
    }

    package let settings: Settings
    package let hub: RecordHub
    let samples = RequestSamples()

    package init(_ settings: Settings = Settings(), hub: RecordHub = RecordHub()) {
        self.settings = settings
        self.hub = hub
    }
}

extension EdgeCore {
    /// Once all loops are attached.
    func beginObservation() {
        let all = loops.withLock { $0 }
        let share = observation.settings.flightRecorder.bytes / max(1, all.count)
        for loop in all { loop.loop.execute { loop.observer.beginFlight(bytes: share) } }
        observation.hub.start { [weak self] in self?.lookWhetherRecordsAreWanted() }
        lookWhetherRecordsAreWanted()
    }

    /// Each loop looks by itself, so that of two changes the later one counts.
    private func lookWhetherRecordsAreWanted() {
        for loop in loops.withLock({ $0 }) { loop.loop.execute { loop.observer.lookWhetherWanted() } }
    }

    /// When no request comes any more. What was written down is written out.
    func endObservation() async {
        for loop in loops.withLock({ $0 }) { try? await loop.loop.submit { loop.observer.handOver() }.get() }
        await observation.hub.stop()
    }
}
