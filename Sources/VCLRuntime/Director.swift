import Kernel

/// A choice among backends, made anew for each fetch
/// (https://www.fastly.com/documentation/reference/vcl/declarations/director).
package struct Director: Sendable {
    package enum Policy: String, Sendable, CaseIterable { case random, fallback, hash, client, chash, shield }

    package struct Member: Sendable {
        /// The place of a backend, or of a director that was declared before.
        package let backend: Int
        package let weight: Int
        /// By what consistent hashing knows the member, so that a new address or a new order moves no key.
        package let id: String

        package init(backend: Int, weight: Int, id: String = "") {
            self.backend = backend
            self.weight = weight
            self.id = id
        }
    }

    package let name: String
    package let policy: Policy
    package var isShield: Bool { policy == .shield }
    /// The share of weight in percent that must be healthy, else the director answers with none.
    package let quorum: Int
    /// Connections tried besides the first, when one cannot be made; nil for as many as there are members.
    package let retries: Int?
    /// Whether it hashes who asks, in place of what is asked for.
    package let hashesClient: Bool
    /// Mixed into the keys of consistent hashing.
    package let seed: UInt64
    /// The name of the place that a shield director stands for.
    package let shield: String?
    package let members: [Member]

    package init(
        name: String, policy: Policy, quorum: Int, members: [Member], retries: Int? = nil,
        hashesClient: Bool = false, seed: UInt64 = 0, shield: String? = nil
    ) {
        self.name = name
        self.policy = policy
        self.quorum = quorum
        self.members = members
        self.retries = retries
        self.hashesClient = hashesClient || policy == .client
        self.seed = seed
        self.shield = shield
    }

    /// Whether enough of the weight is healthy. A fallback director is content with any member.
    func meetsQuorum(healthy: (Int) -> Bool) -> Bool {
        if policy == .fallback { return members.contains { healthy($0.backend) } }
        var (total, weight) = (0, 0)
        for member in members {
            total += member.weight
            if healthy(member.backend) { weight += member.weight }
        }
        return weight > 0 && weight * 100 >= quorum * total
    }

    /// The member that serves among those that are usable, or nil when none is. `key` decides for the policies that hash;
    /// `random` for the rest.
    func member(key: UInt64, random: UInt64, usable: (Int) -> Bool) -> Int? {
        let usable = members.filter { usable($0.backend) }
        let weight = usable.reduce(0) { $0 + $1.weight }
        guard weight > 0 else { return nil }
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

    /// The member that serves, or nil when too few are healthy.
    package func pick(key: UInt64, random: UInt64, healthy: (Int) -> Bool) -> Int? {
        meetsQuorum(healthy: healthy) ? member(key: key, random: random, usable: healthy) : nil
    }

    private func score(_ member: Member, _ key: UInt64) -> UInt64 {
        let own =
            member.id.isEmpty
            ? UInt64(member.backend &+ 1) : member.id.withBytes { ByteHash(seed: 0x1D)($0) }
        let mixed = (key ^ seed ^ own &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return (mixed.high ^ mixed.low) / UInt64(max(1, 1000 / max(1, member.weight)))
    }
}

/// What directors that hash choose by.
package struct DirectorKeys: Sendable {
    /// Of what is asked for, and of who asks.
    package let object: UInt64
    package let client: UInt64

    package init(object: UInt64, client: UInt64) {
        self.object = object
        self.client = client
    }
}

/// Why a request has no backend to go to.
package enum NoBackend: Error, Sendable, Hashable {
    /// The program declares none.
    case undeclared
    case unhealthy
    /// A director's.
    case quorum, allUnhealthy
}

extension Program {
    /// The backend for a fetch, where `place` is what `req.backend` holds. `avoided` were tried for this fetch in vain; they count
    /// for quorums, and get nothing.
    package func choose(
        _ place: Int, _ keys: DirectorKeys, random: UInt64, avoided: [Int] = [], isWell: (Int) -> Bool
    ) -> Result<Int, NoBackend> {
        guard let director = director(at: place) else {
            guard backends.indices.contains(place) else { return .failure(.undeclared) }
            return isWell(place) && !avoided.contains(place) ? .success(place) : .failure(.unhealthy)
        }
        guard !director.members.isEmpty else { return .failure(.undeclared) }
        // Directors name only what stands before them, so that this ends.
        func healthy(_ member: Int) -> Bool {
            self.director(at: member) == nil ? isWell(member) : isHealthy(place: member, isWell: isWell)
        }
        guard director.members.contains(where: { healthy($0.backend) }) else {
            return .failure(.allUnhealthy)
        }
        guard director.meetsQuorum(healthy: healthy) else { return .failure(.quorum) }
        func found(_ member: Int) -> Int? {
            let random = random &* 0x9E37_79B9_7F4A_7C15
            return try? choose(member, keys, random: random, avoided: avoided, isWell: isWell).get()
        }
        let key = director.hashesClient ? keys.client : keys.object
        let chosen = director.member(key: key, random: random) { found($0) != nil }
        guard let chosen, let backend = found(chosen) else { return .failure(.allUnhealthy) }
        return .success(backend)
    }

    /// Whether the backend or director at this place can answer.
    package func isHealthy(place: Int, isWell: (Int) -> Bool) -> Bool {
        let keys = DirectorKeys(object: 0, client: 0)
        return (try? choose(place, keys, random: 0, isWell: isWell).get()) != nil
    }

    /// The director at this place of `req.backend`, or nil for a backend's.
    package func director(at place: Int) -> Director? {
        let index = place - backends.count
        return directors.indices.contains(index) ? directors[index] : nil
    }
}
