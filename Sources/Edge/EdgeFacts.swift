import Kernel
import VCLRuntime

/// What this edge knows of its visitors that no request says: where they are, by the database that it was given.
final class EdgeFacts: RequestFacts, Sendable {
    private let geo: GeoDatabase

    init(geo: GeoDatabase) { self.geo = geo }

    func geography(of address: IPAddress) -> GeoRecord? { geo.record(of: address) }
}
