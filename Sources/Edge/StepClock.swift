import NIOCore

/// The time for one step after another, of which nearly none runs out: to begin the next step's time is to note when it ends. The
/// loop's own clock, which costs an allocation and often a system call, is set once for many steps. Confined to its loop.
final class StepClock<Step> {
    private let loop: any EventLoop
    private let ranOut: (Step) -> Void
    private var step: Step?
    private var due = NIODeadline.distantFuture
    private var alarm: Scheduled<Void>?
    private var alarmAt = NIODeadline.distantFuture

    /// `ranOut` must not hold on to who owns the clock.
    init(on loop: any EventLoop, ranOut: @escaping (Step) -> Void) {
        self.loop = loop
        self.ranOut = ranOut
    }

    deinit { alarm?.cancel() }

    /// Begins the time of a step, in place of any other; 0 nanoseconds for no bound.
    func start(_ nanoseconds: Int64, _ step: Step) {
        guard nanoseconds > 0 else { return stop() }
        due = .now() + .nanoseconds(nanoseconds)
        self.step = step
        if alarm == nil || alarmAt > due { setAlarm() }
    }

    /// No step is under way.
    func stop() { step = nil }

    private func setAlarm() {
        alarm?.cancel()
        alarmAt = due
        alarm = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.look() }
    }

    private func look() {
        alarm = nil
        guard let step else { return }
        guard due <= .now() else { return setAlarm() }
        stop()
        ranOut(step)
    }
}
