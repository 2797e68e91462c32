/// How long a request's body may take: some seconds to begin, then a second for each few hundred bytes that have come. So one
/// that drips ends, however steadily, and a large one that flows does not. Times in nanoseconds of any clock that only grows.
struct UploadClock: Sendable, Hashable {
    private var began: Int64
    /// The time during which we did not want more.
    private var paused: Int64 = 0
    private var pausedSince: Int64?
    private var bytes: Int64 = 0

    init(at now: Int64) { began = now }

    mutating func took(_ count: Int) { bytes += Int64(count) }

    mutating func pause(at now: Int64) { if pausedSince == nil { pausedSince = now } }

    mutating func resume(at now: Int64) {
        guard let since = pausedSince else { return }
        paused += now - since
        pausedSince = nil
    }

    /// When the next byte must have come; nil while nothing is wanted.
    var deadline: Int64? {
        guard pausedSince == nil else { return nil }
        let allowed = OriginLimits.uploadSeconds + bytes / OriginLimits.uploadBytesPerSecond
        return began + paused + allowed * 1_000_000_000
    }
}
