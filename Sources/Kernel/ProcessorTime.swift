#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What this thread has computed: unlike the time that passes, it does not grow while the machine is busy with something
/// else, so that it says what a piece of work costs.
package func processorTimeOfThread() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
