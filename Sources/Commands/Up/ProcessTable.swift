import Foundation
import Journey
import Kernel

/// What `hq up` runs, written beside the state so that `hq status` can say it at any time.
struct ProcessTable: Codable, Sendable {
    struct Row: Codable, Sendable {
        let name: String
        let address: String
        var pid: Int32?
        /// Milliseconds since 1970.
        var since: Int64
        var restarts: Int
    }

    var rows: [Row]

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
            rows: rows.map { row in
                let lived = Duration.milliseconds(max(0, now - row.since)).brief
                let again = row.restarts > 0 ? ", started again \(counted(Int(row.restarts), "time"))" : ""
                // A process that is gone has no number here, or its number is nobody's.
                let isAlive = row.pid.map { kill($0, 0) == 0 } ?? false
                let state = isAlive ? "running for \(lived) as \(row.pid ?? 0)" : "DOWN for \(lived)"
                return [row.name, HostPort(row.address)?.url ?? row.address, state + again]
            })
    }
}

/// One `hq up` in a folder: the lock is the kernel's, so that it goes with the process however that ends.
struct FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: URL) throws {
        let path = folder.appendingPathComponent(".hq/up.lock").path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.unavailable, "cannot write \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(
                .conflict, "'hq up' runs in \(folder.path) already",
                hint: "hq status shows it; stop it first, or give --dir another campaign")
        }
    }

    func release() { close(descriptor) }
}

/// Whether an address is free, asked before anything starts: else an edge could share its port with a stranger.
enum ListenCheck {
    static func require(_ address: HostPort, for name: String, option: String? = nil) throws {
        guard address.port != 0 else { return }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, "\(address.port)", &hints, &found) == 0, let first = found else {
            throw Failure(.usage, "'\(address.host)' is no address to listen on")
        }
        defer { freeaddrinfo(found) }
        let socket = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        defer { close(socket) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(socket, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            throw Failure(
                .unavailable, "the \(name) cannot listen on \(address): \(String(cString: strerror(errno)))",
                hint: "stop what uses it, or give --\(option ?? name) another address")
        }
    }
}
