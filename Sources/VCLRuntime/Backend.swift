/// A host that answers, as the program declares it. Times in nanoseconds; defaults are Fastly's.
package struct Backend: Sendable, Hashable {
    package var name: String
    package var host = ""
    package var port = 80
    /// Sent as Host in place of the request's, when set.
    package var hostHeader: String?
    package var connectTimeout: Int64 = 1_000_000_000
    package var firstByteTimeout: Int64 = 15_000_000_000
    package var betweenBytesTimeout: Int64 = 10_000_000_000
    /// Connections at once; Fastly's default.
    package var maxConnections = 200
    /// Nil for a backend that is taken to be well.
    package var healthCheck: HealthCheck?

    package init(name: String) { self.name = name }

    package var address: String { "\(host):\(port)" }
}

/// A choice among backends, made anew for each fetch.
package struct Director: Sendable {
    package enum Policy: String, Sendable, CaseIterable { case random, fallback, hash, client, chash, shield }

    package struct Member: Sendable {
        package let backend: Int
        package let weight: Int
    }

    package let name: String
    package let policy: Policy
    package var isShield: Bool { policy == .shield }
    /// The share of weight in percent that must be healthy, else the director answers with none.
    package let quorum: Int
    package let members: [Member]

    /// The member that serves, or nil when too few are healthy. `key` decides for the policies that hash; `random` for the rest.
    package func pick(key: UInt64, random: UInt64, healthy: (Int) -> Bool) -> Int? {
        let usable = members.filter { healthy($0.backend) }
        let total = members.reduce(0) { $0 + $1.weight }
        let weight = usable.reduce(0) { $0 + $1.weight }
        guard weight > 0, weight * 100 >= quorum * total else { return nil }
        if policy == .fallback { return usable.first?.backend }
        if policy == .chash {
            // Rendezvous hashing: when one member goes, only its own keys move.
            return usable.max { score($0, key) < score($1, key) }?.backend
        }
        var left = Int((policy == .random || policy == .shield ? random : key) % UInt64(weight))
        for member in usable {
            left -= member.weight
            if left < 0 { return member.backend }
        }
        return usable.last?.backend
    }

    private func score(_ member: Member, _ key: UInt64) -> UInt64 {
        let mixed = (key ^ UInt64(member.backend &+ 1) &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
            by: 0xD6E8_FEB8_6659_FD93)
        return (mixed.high ^ mixed.low) / UInt64(max(1, 1000 / max(1, member.weight)))
    }
}
