import HTTP1
import Kernel
import VCL

/// Which service answers which host. Immutable.
package final class ServiceHosts: Sendable {
    package let snapshots: [Snapshot]
    /// From a host, or `*.` and the name above it, to a place in `snapshots`.
    private let hosts: Table
    private let hasWildcards: Bool

    /// `domains` are lower case and without a port; `*.example.com` stands for any name below example.com. Of two services with
    /// one domain the later has it.
    package init(_ services: [(snapshot: Snapshot, domains: [String])]) {
        snapshots = services.map(\.snapshot)
        var keys: [String] = []
        var places: [Int64] = []
        for (place, service) in services.enumerated() {
            keys += service.domains
            places += service.domains.map { _ in Int64(place) }
        }
        hosts = Table(name: "services", keys: keys, values: .numbers(places, .integer))
        hasWildcards = keys.contains { $0.hasPrefix("*.") }
    }

    private init(_ snapshots: [Snapshot], like other: ServiceHosts) {
        self.snapshots = snapshots
        hosts = other.hosts
        hasWildcards = other.hasWildcards
    }

    /// The same hosts with what `change` makes of each service's snapshot.
    func map(_ change: (Snapshot) -> Snapshot) -> ServiceHosts {
        ServiceHosts(snapshots.map(change), like: self)
    }

    package func snapshot(ofService id: String) -> Snapshot? { snapshots.first { $0.service?.id == id } }

    /// The snapshot for a Host header (RFC 9110, section 7.2) in any case, with or without a port; nil when no service has it. A
    /// name of its own comes before a wildcard, a longer wildcard before a shorter one.
    func snapshot(for header: Bytes, in arena: Arena) -> Snapshot? {
        guard let host = ServiceHosts.name(in: header, arena) else { return nil }
        if let place = hosts.number(host) { return snapshots[Int(place)] }
        guard hasWildcards else { return nil }
        var rest = host
        while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            rest = rest.slice(dot + 1, rest.count)
            if let place = hosts.number(arena.concatenate([Bytes("*."), rest])) {
                return snapshots[Int(place)]
            }
        }
        return nil
    }

    /// The name in lower case, without its port and without the dot of the root.
    private static func name(in header: Bytes, _ arena: Arena) -> Bytes? {
        guard header.isSet, header.count > 0, header.count <= ServiceLimits.hostBytes else { return nil }
        var end = header.count
        // An address of IPv6 has colons inside of its brackets.
        if header[0] != UInt8(ascii: "["), let colon = header.lastIndex(of: UInt8(ascii: ":")) { end = colon }
        if end > 1, header[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return Text.mapped(header.slice(0, end), in: arena) { lowercased($0) }
    }
}

/// Bounds of services on an edge.
package enum ServiceLimits {
    /// Bytes of a host that is looked up: a name has at most 253 (RFC 1035, section 2.3.4), a port six more.
    static let hostBytes = 260
    /// Services of one edge: each has a compiled program in memory, and a change of any dictionary makes a snapshot of each anew.
    package static let services = 200
}

extension Context {
    /// With the request's head in `req`: the program that its host belongs to runs from here on.
    package func enterService() {
        guard let services = snapshot.services,
            let found = services.snapshot(for: req.headers[.host], in: arena)
        else { return }
        change(to: found)
    }
}
