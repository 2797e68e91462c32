/// What became of a request, in the words of `X-Cache`.
package enum CacheResult: UInt8, Sendable, CaseIterable {
    case hit, stale, miss, pass, synth, error

    /// As `X-Cache` and the log write it.
    package var word: StaticString {
        switch self {
        case .hit: "HIT"
        case .stale: "STALE"
        case .miss: "MISS"
        case .pass: "PASS"
        case .synth: "SYNTH"
        case .error: "ERROR"
        }
    }

    /// As metrics write it.
    package var label: String { "\(word)".lowercased() }
}
