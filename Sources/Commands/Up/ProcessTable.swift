import Foundation
import Journey
import Kernel

/// What `hq up` runs, written beside the state so that `hq status` can say it at any time.
struct ProcessTable: Codable, Sendable {
    struct Row: Codable, Sendable {
        let name: String
        var address: String
        /// Where it speaks TLS, if it does.
        var secure: [String]?
        /// Where it speaks Fastly's API, if it does.
        var fastlyAPI: String?
        var pid: Int32?
        /// Milliseconds since 1970.
        var since: Int64
        var restarts: Int

        var urls: [String] {
            [HostPort(address)?.url ?? address]
                + (secure ?? []).map { HostPort($0)?.secureURL ?? "https://\($0)" }
        }
    }

    var rows: [Row]
    /// The process that started them.
    var supervisor: Int32?

    private static func path(in folder: URL) -> URL { folder.appendingPathComponent(".hq/processes.json") }

    static func read(in folder: URL) -> ProcessTable? {
        FileManager.default.contents(atPath: path(in: folder).path).flatMap {
            try? JSONDecoder().decode(ProcessTable.self, from: $0)
        }
    }

    func write(in folder: URL) {
        guard let data = try? JSON.text(of: self) else { return }
        try? data.write(to: ProcessTable.path(in: folder), options: .atomic)
    }

    static func remove(in folder: URL) { try? FileManager.default.removeItem(at: path(in: folder)) }

    /// `edge  http://127.0.0.1:8080  running for 3 min`
    func report(now: Int64) -> Report.Table {
        Report.Table(
            columns: ["what", "where", "state"],
            rows: rows.flatMap { row in
                let lived = Duration.milliseconds(max(0, now - row.since)).brief
                let again = row.restarts > 0 ? ", started again \(counted(Int(row.restarts), "time"))" : ""
                // A process that is gone has no number here, or its number is nobody's.
                let isAlive = row.pid.map { kill($0, 0) == 0 } ?? false
                let state = isAlive ? "running for \(lived) as \(row.pid ?? 0)" : "DOWN for \(lived)"
                let api = row.fastlyAPI.map { ["fastly api", HostPort($0)?.url ?? $0, "in \(row.name)"] }
                return [[row.name, row.urls.joined(separator: " "), state + again]] + (api.map { [$0] } ?? [])
            })
    }
}
