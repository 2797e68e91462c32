import Kernel

/// Bounds of what one request's program may use.
package enum VCLRuntimeLimits {
    /// Bytes of a string that a built-in or a concatenation makes; a whole request at Fastly has a workspace of this order. What
    /// would need more gives a value that is not set, and the error ESESOOM.
    package static let stringBytes = 256 * 1024
    /// Parameters of a query string that are sorted; Fastly leaves a URL with more as it is.
    package static let sortedParameters = 32
    /// Bytes of an entry of a rate counter or a penalty box, as at Fastly.
    package static let rateEntryBytes = 256
    /// What all rate counters together remember at once; at 280 bytes each about 18 MB.
    package static let rateEntries = 65_536
    /// What all penalty boxes together hold; Fastly's number for one.
    package static let penalties = 200_000
    /// Early hints, and pushed resources, of one request.
    package static let hints = 32
}

extension Context {
    /// Whether a built-in may make a string of `count` bytes.
    func mayMake(_ count: Int) -> Bool {
        if count <= VCLRuntimeLimits.stringBytes { return true }
        lastError = Bytes("ESESOOM")
        return false
    }

    /// Several strings as one; "not set" counts as empty.
    func concatenate(_ left: Bytes, _ right: Bytes) -> Bytes {
        mayMake(left.count + right.count) ? arena.concatenate(left, right) : .notSet
    }

    func concatenate(_ parts: [Bytes]) -> Bytes {
        mayMake(parts.reduce(0) { $0 + $1.count }) ? arena.concatenate(parts) : .notSet
    }

    /// Names the mistake in `fastly.error` and gives a value that is not set.
    func fail(_ error: StaticString) -> Bytes {
        lastError = Bytes(error)
        return .notSet
    }
}
