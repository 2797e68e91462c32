/// Bounds of schedules.
package enum ScheduleLimits {
    /// More than anybody can keep in mind; the calendar's page shows them all.
    package static let waiting = 1000
    /// How far ahead, in days: a campaign is over before.
    package static let daysAhead: Int64 = 800
    /// How often the control plane looks for what is due.
    package static let interval: Duration = .milliseconds(250)
}
