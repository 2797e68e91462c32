import EdgeLink
import VCLRuntime

/// What became of one loop's fetches, by backend. Confined to its loop.
struct BackendCounts {
    private struct Key: Hashable {
        let name: String
        let host: String
        let port: Int
    }

    private var places: [Key: Int] = [:]
    private(set) var all: [EdgeSample.Backend] = []

    /// Counts a fetch; what becomes of it is counted at the place returned. Nil when too many backends are counted already.
    mutating func beginFetch(from backend: Backend) -> Int? {
        let key = Key(name: backend.name, host: backend.host, port: backend.port)
        if let place = places[key] {
            all[place].fetches += 1
            return place
        }
        guard all.count < EdgeLimits.countedBackends else { return nil }
        var counts = EdgeSample.Backend(name: key.name, address: backend.address)
        counts.fetches = 1
        places[key] = all.count
        all.append(counts)
        return all.count - 1
    }

    mutating func headArrived(at place: Int, status: Int, afterNanoseconds: Int64) {
        all[place].firstByteNanoseconds += afterNanoseconds
        if status >= 500 { all[place].errors += 1 }
    }

    mutating func failed(at place: Int) { all[place].failures += 1 }
}
