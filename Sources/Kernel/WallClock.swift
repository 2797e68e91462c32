#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Nanoseconds since 1970. For planes and commands; engines are told what time it is.
package func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
