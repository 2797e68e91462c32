/// Counters of an edge since its start. Each answer counts once in `hits` to `synthetics`, by what it became in the end, and
/// once in `statuses`; requests that are still under way, or whose client left before the answer, count in `requests` alone.
package struct EdgeStatistics: Sendable, Codable, Equatable {
    package var requests = 0
    package var hits = 0
    package var stale = 0
    package var misses = 0
    package var passes = 0
    /// What the edge said by itself: errors, the program's own answers, refusals and purges.
    package var synthetics = 0
    /// By hundreds: 1xx to 5xx.
    package var statuses: [Int] = [0, 0, 0, 0, 0]
    package var bodyBytes = 0
    package var fetches = 0
    package var fetchFailures = 0
    package var connections = 0
    /// Connections closed at once because of a limit.
    package var refusedConnections = 0
    /// Requests answered 429 because their client, or its network, asked too often.
    package var limitedRequests = 0
    /// Connections ended because the client took its answer, or sent its head, too slowly.
    package var slowClients = 0
    /// Fetches not begun because the loop was late.
    package var shedFetches = 0
    /// Fetches not begun because only the cache is served.
    package var cacheOnlyFetches = 0
    /// Requests answered with a challenge.
    package var challenges = 0

    package init() {}

    /// A status above 599 is one of the server's errors to clients (RFC 9110, section 15).
    package mutating func count(status: Int) {
        statuses[min(max(status / 100, 1), 5) - 1] += 1
    }

    package mutating func add(_ other: EdgeStatistics) {
        requests += other.requests
        hits += other.hits
        stale += other.stale
        misses += other.misses
        passes += other.passes
        synthetics += other.synthetics
        for index in statuses.indices { statuses[index] += other.statuses[index] }
        bodyBytes += other.bodyBytes
        fetches += other.fetches
        fetchFailures += other.fetchFailures
        connections += other.connections
        refusedConnections += other.refusedConnections
        limitedRequests += other.limitedRequests
        slowClients += other.slowClients
        shedFetches += other.shedFetches
        cacheOnlyFetches += other.cacheOnlyFetches
        challenges += other.challenges
    }
}

extension EdgeStatistics {
    /// One way in which the edge keeps clients from harming others.
    package struct Defence: Sendable {
        /// In metrics: `hq_edge_<name>_total`.
        package let name: String
        /// For people, behind a number.
        package let words: String
        package let help: String
        package let count: any KeyPath<EdgeStatistics, Int> & Sendable
    }

    package static let defences: [Defence] = [
        Defence(
            name: "refused_connections", words: "connections refused",
            help: "Connections closed at once because of a limit.", count: \.refusedConnections),
        Defence(
            name: "limited_requests", words: "requests limited",
            help: "Requests answered 429 because their client or network asked too often.",
            count: \.limitedRequests),
        Defence(
            name: "slow_clients", words: "slow clients let go",
            help: "Connections ended because the client sent its head, or took its answer, too slowly.",
            count: \.slowClients),
        Defence(
            name: "shed_fetches", words: "fetches shed",
            help: "Fetches not begun because the event loop was late.", count: \.shedFetches),
        Defence(
            name: "cache_only_fetches", words: "fetches refused by the shed switch",
            help: "Fetches not begun because only the cache is served.", count: \.cacheOnlyFetches),
        Defence(
            name: "challenged_requests", words: "requests challenged",
            help: "Requests answered with a challenge, to prove work.", count: \.challenges),
    ]
}

/// What an edge says of itself every second.
package struct EdgeSample: Sendable, Codable {
    /// One address of the last minute: host and path, without the query.
    package struct TopPath: Sendable, Codable, Equatable {
        package let host: String
        package let path: String
        package let count: Int

        package init(host: String, path: String, count: Int) {
            self.host = host
            self.path = path
            self.count = count
        }
    }

    /// One backend since the edge's start.
    package struct Backend: Sendable, Codable, Equatable {
        package let name: String
        package let address: String
        package var fetches = 0
        /// No connection, a timeout, a broken answer.
        package var failures = 0
        /// Answers with a status of 500 and above.
        package var errors = 0
        /// The sum of the times from asking to the answer's head.
        package var firstByteNanoseconds: Int64 = 0

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    package let edge: String
    /// Milliseconds since 1970, by the edge's clock.
    package let at: Int64
    package let started: Int64
    package var statistics = EdgeStatistics()
    package var topPaths: [TopPath] = []
    package var backends: [Backend] = []
    package var openConnections = 0
    package var cachedObjects = 0
    package var cachedBytes = 0

    package init(edge: String, at: Int64, started: Int64) {
        self.edge = edge
        self.at = at
        self.started = started
    }
}

extension EdgeSample {
    /// Whether its numbers can be reckoned with: what arrives over a line may be anything.
    package var isSound: Bool {
        let counts =
            [statistics.requests, statistics.hits, statistics.stale, statistics.bodyBytes]
            + statistics.statuses
            + topPaths.map(\.count)
        return statistics.statuses.count == 5 && counts.allSatisfy { (0..<Int.max >> 8).contains($0) }
            && edge.count <= 64 && topPaths.count <= 1000 && backends.count <= 1000
    }

    /// The addresses of all edges together, most asked for first.
    package static func mergedPaths(_ samples: [EdgeSample]) -> [TopPath] {
        let grouped = Dictionary(grouping: samples.flatMap(\.topPaths)) { [$0.host, $0.path] }
        return grouped.values.map { same in
            TopPath(host: same[0].host, path: same[0].path, count: same.reduce(0) { $0 + $1.count })
        }.sorted { ($1.count, $0.host, $0.path) < ($0.count, $1.host, $1.path) }
    }

    /// The backends of all edges together, by name.
    package static func mergedBackends(_ samples: [EdgeSample]) -> [Backend] {
        let grouped = Dictionary(grouping: samples.flatMap(\.backends)) { [$0.name, $0.address] }
        return grouped.values.map { same in
            var sum = Backend(name: same[0].name, address: same[0].address)
            for one in same {
                sum.fetches += one.fetches
                sum.failures += one.failures
                sum.errors += one.errors
                sum.firstByteNanoseconds += one.firstByteNanoseconds
            }
            return sum
        }.sorted { $0.name < $1.name }
    }
}
