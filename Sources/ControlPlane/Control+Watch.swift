import CampaignFile
package import EdgeLink
import Journey
import Kernel

extension Control {
    package func received(_ sample: EdgeSample) {
        let now = Control.milliseconds()
        traffic.received(sample, now: now)
        let order = watch.received(
            sample, now: now, share: campaign.watch.errorShare,
            period: campaign.watch.period.nanoseconds / 1_000_000)
        if let order { edges[sample.edge]?.continuation.yield(.trial(order)) }
    }

    package func received(_ result: TrialResult) async {
        guard let guilty = watch.received(result, now: Control.milliseconds()) else { return }
        watch.ended(entry: guilty.entry)
        // In a freeze too: what is taken back was let past the calendar, and makes things worse.
        let request = Request(
            actor: .hq, argv: ["undo", "\(guilty.entry)"], because: "the watch: " + guilty.reason,
            overrides: [CalendarGuard.name])
        do {
            _ = try await undo(guilty.entry, request)
        } catch {
            let failure = error as? Failure
            say(
                "entry \(guilty.entry) makes things worse (\(guilty.reason)) and could not be undone: \(failure?.message ?? "unknown reason")"
            )
        }
    }

    /// A word for whoever looks at the status: what the watch could not mend.
    private func say(_ note: String) {
        let time = LocalTime(campaign.timeZone).stamp(Control.milliseconds())
        watchNotes.append("\(time) \(note)")
        if watchNotes.count > 20 { watchNotes.removeFirst() }
    }
}
