import Crypto
package import HTTP1
package import Kernel

// A proof of work by which a browser shows that it spent time: a number that makes SHA-256 of a seed and the number begin with
// zeros (as Hashcash does, http://www.hashcash.org/hashcash.pdf). The seed is a keyed hash of the client's address and the window
// of time, so that nobody can make a proof for another client or beforehand, and nothing need be remembered: whoever checks
// makes the seed anew. What comes from the client is compared with nothing secret, so that no time tells anything.

/// What clients have to prove, and whether they did.
package struct ProofOfWork: Sendable {
    /// Leading zero bits that the hash must have; 0 to 32.
    package let bits: Int
    /// Seconds of one window. A proof is good in its own and the next.
    package let lifetimeSeconds: Int64
    private let key: SymmetricKey

    /// The name of the cookie that holds a proof: the window and the nonce, with a hyphen between.
    package static let cookie = "hq-proof"
    private static let cookieStart: StaticString = "hq-proof="

    /// All edges of a campaign need the same key, 16 bytes or more.
    package init(
        key: [UInt8], bits: Int = ChallengeLimits.usualBits,
        lifetimeSeconds: Int64 = ChallengeLimits.usualLifetimeSeconds
    ) {
        precondition((0...32).contains(bits) && lifetimeSeconds > 0, "a proof has bits and a time")
        self.bits = bits
        self.lifetimeSeconds = lifetimeSeconds
        self.key = SymmetricKey(data: key)
    }

    package func window(at seconds: Int64) -> Int64 { seconds / lifetimeSeconds }

    /// What this client's number is hashed with: 32 characters.
    package func seed(for client: IPAddress, window: Int64) -> [UInt8] {
        var mac = HMAC<SHA256>(key: key)
        for number in [UInt64(bitPattern: window), client.high, client.low, UInt64(bits)] {
            withUnsafeBytes(of: number.bigEndian) { mac.update(data: $0) }
        }
        return Array(mac.finalize().prefix(16).hexadecimal.utf8)
    }

    /// Whether one of the cookies of `headers` is a proof of this client's that is good at `seconds` since 1970.
    package func isProved(_ headers: HeaderList, by client: IPAddress, at seconds: Int64) -> Bool {
        var left = ChallengeLimits.cookies
        var proved = false
        for field in headers.fields where field.name.equalsIgnoringCase(Bytes("cookie")) {
            field.value.forEachPart(separator: UInt8(ascii: ";")) { part in
                guard !proved, left > 0, part.hasPrefix(ProofOfWork.cookieStart) else { return }
                left -= 1
                let start = Bytes(ProofOfWork.cookieStart).count
                proved = isProof(part.slice(start, part.count), of: client, at: seconds)
            }
        }
        return proved
    }

    private func isProof(_ text: Bytes, of client: IPAddress, at seconds: Int64) -> Bool {
        guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")), hyphen > 0,
            let window = text.slice(0, hyphen).decimal
        else { return false }
        let now = self.window(at: seconds)
        let nonce = text.slice(hyphen + 1, text.count)
        guard window == now || window == now - 1, !nonce.isEmpty,
            nonce.count <= ChallengeLimits.nonceDigits,
            nonce.buffer.allSatisfy({ $0 &- 0x30 < 10 })
        else { return false }
        return zeros(seed(for: client, window: window), nonce) >= bits
    }

    /// Leading zero bits of the hash's first 32.
    private func zeros(_ seed: [UInt8], _ nonce: Bytes) -> Int {
        var hash = SHA256()
        hash.update(data: seed)
        hash.update(bufferPointer: nonce.raw)
        return hash.finalize().prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.leadingZeroBitCount
    }

    /// The smallest number that proves it, as a browser finds it.
    package func solve(for client: IPAddress, window: Int64) -> Int {
        let seed = seed(for: client, window: window)
        return (0...).first { number in "\(number)".withBytes { zeros(seed, $0) >= bits } } ?? 0
    }
}
