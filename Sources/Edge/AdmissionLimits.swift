package import Kernel

#if canImport(Glibc)
    import Glibc
#endif

/// How much of an edge one client, and one network, may have. What an operator sets is in the properties, off unless said
/// otherwise: behind a carrier's or a campus's address many people share one, and how many is for the operator to say.
/// What holds for everybody is in the constants, each with its reason.
package struct AdmissionLimits: Sendable {
    /// Connections of all clients together; further ones are closed at once.
    package var connections = AdmissionLimits.connectionsOfProcess
    package var connectionsPerClient: Int?
    package var connectionsPerNetwork: Int?
    /// Requests a second, over time; a burst of `burstSeconds` of them is let through.
    package var requestsPerClient: Double?
    package var requestsPerNetwork: Double?
    /// Whom no limit but the first concerns: load balancers that do not say for whom they speak, monitors.
    package var exempt: [AddressRange] = []

    /// How long a head may take from its first byte on. Slow phones send theirs within two seconds; a client that sends a
    /// byte now and then to hold the connection ("slowloris") gets no longer either.
    package var headTime = Duration.seconds(10)
    /// How long who asks too often waits for his 429. His connection is not read meanwhile, so that a flood costs one small
    /// answer a second for each connection, and connections are limited too.
    package var tarpit = Duration.seconds(1)
    /// How often it is looked at who takes an answer slowly.
    package var pace = Duration.seconds(10)

    package init() {}

    /// Whether single clients are told apart at all.
    var concernsClients: Bool {
        connectionsPerClient != nil || connectionsPerNetwork != nil || requestsPerClient != nil
            || requestsPerNetwork != nil
    }

    /// Leading bits of an address that are one client: all of IPv4's, and of IPv6's those of a site's subnet, within which
    /// a host may choose any address (RFC 4291, section 2.5.1).
    static let clientBits = (v4: 32, v6: 64)
    /// A network: what is routed as one, at the least (a /24 of IPv4), and what one site gets of IPv6 (RFC 6177).
    static let networkBits = (v4: 24, v6: 48)
    /// A page brings its pictures with it: two seconds' worth of requests may come at once.
    static let burstSeconds = 2.0
    /// Even the smallest burst lets a page load.
    static let leastBurst = 10.0
    /// Clients and networks that are remembered, each table: those with open connections or used-up bursts. Some 200 bytes
    /// each; an attack from more addresses than that is not one that counting addresses stops, and who finds no place is
    /// let in.
    static let accounts = 100_000
    static let shards = 64
    /// Descriptors kept for origins, files and logs when connections are counted against what the process may have open.
    static let reservedDescriptors = 512
    /// What the process may have open is not always said; enough for 10,000 idle clients then.
    static let usualDescriptors = 20_000

    /// Bytes that a client must have taken between two looks: half a kilobyte a second, a tenth of what the slowest mobile
    /// networks give.
    static let paceBytes = 5 * 1024

    /// As many connections as there can be descriptors. A process that runs out of them cannot even turn clients away.
    static var connectionsOfProcess: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < UInt(Int32.max)
        else { return usualDescriptors }
        return max(64, Int(limit.rlim_cur) - reservedDescriptors)
    }

    /// Takes as many descriptors as the system gives without being asked by root.
    package static func raiseDescriptors() {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
    }
}
