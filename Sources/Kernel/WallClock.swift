#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Nanoseconds since 1970. For planes and commands; engines are told what time it is.
package func wallClock() -> Int64 {
    // Which module's the C structure's members are depends on the order of imports, with the static library at least.
    withUnsafeTemporaryAllocation(of: timespec.self, capacity: 1) { time in
        clock_gettime(CLOCK_REALTIME, time.baseAddress!)
        // Two words: seconds and nanoseconds.
        return time.withMemoryRebound(to: Int.self) { Int64($0[0]) * 1_000_000_000 + Int64($0[1]) }
    }
}
