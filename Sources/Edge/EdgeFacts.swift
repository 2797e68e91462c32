import Kernel
import VCLRuntime

/// What this edge knows that no request says: which backends are well, and where visitors are, by the database that it was given.
final class EdgeFacts: RequestFacts, Sendable {
    private let geo: GeoDatabase?
    private let health: HealthChecks

    init(geo: GeoDatabase?, health: HealthChecks) {
        self.geo = geo
        self.health = health
    }

    func geography(of address: IPAddress) -> GeoRecord? { geo?.record(of: address) }

    func isHealthy(_ backend: Backend) -> Bool { health.isHealthy(backend) }
}
