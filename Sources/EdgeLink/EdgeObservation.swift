package import EdgeRecords

/// What an edge knows of its traffic at one moment: its sample, how long requests took, how its logs fare.
package struct EdgeObservation: Sendable, Codable {
    package struct Loop: Sendable, Codable {
        package let requests: Int
        package let openConnections: Int
        package init(requests: Int, openConnections: Int) {
            self.requests = requests
            self.openConnections = openConnections
        }
    }

    package struct Client: Sendable, Codable {
        package let client: String
        package let count: Int
        package init(client: String, count: Int) {
            self.client = client
            self.count = count
        }
    }

    /// One destination of a log, in lines.
    package struct Log: Sendable, Codable {
        package let place: String
        package let written: Int
        package let lost: Int
        package let failures: Int
        package init(place: String, written: Int, lost: Int, failures: Int) {
            self.place = place
            self.written = written
            self.lost = lost
            self.failures = failures
        }
    }

    package let sample: EdgeSample
    package let latencies: LatencyCounts
    package let snapshot: Int64
    package let loops: [Loop]
    /// Counted only while somebody looks; empty the first time.
    package let topClients: [Client]
    package let logs: [Log]
    /// Records that the edge's own pump did not keep up with.
    package let lostRecords: Int

    package init(
        sample: EdgeSample, latencies: LatencyCounts, snapshot: Int64, loops: [Loop], topClients: [Client],
        logs: [Log], lostRecords: Int
    ) {
        self.sample = sample
        self.latencies = latencies
        self.snapshot = snapshot
        self.loops = loops
        self.topClients = topClients
        self.logs = logs
        self.lostRecords = lostRecords
    }
}
