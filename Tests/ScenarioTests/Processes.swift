import Foundation
import Glibc
import HTTPKit
import Journey
import Kernel
import Testing

/// One at a time: each has the machine to itself.
@Suite(.serialized) struct Scenarios {}

/// The program as people run it: processes, ports and files.
enum Program {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The program that was built with these tests.
    static var path: URL {
        let tests = Bundle.main.bundleURL
        let beside = tests.appendingPathComponent("hq")
        return FileManager.default.isExecutableFile(atPath: beside.path)
            ? beside : root.appendingPathComponent(".build/debug/hq")
    }

    /// A port that nobody listens on.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, size)
                _ = getsockname(descriptor, $0, &size)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func scratch(_ name: String) throws -> URL {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func start(_ program: URL, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess([program.path] + arguments)
    }

    /// Runs the program to its end; what it said, on either output.
    static func output(_ arguments: [String]) async throws -> (status: Int32, text: String) {
        let file = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-output-\(UUID().uuidString)")
        let descriptor = Glibc.open(file.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer {
            close(descriptor)
            try? FileManager.default.removeItem(at: file)
        }
        let process = try ChildProcess([path.path] + arguments, output: descriptor)
        _ = await eventually { process.status != nil }
        return (process.status ?? -1, try String(contentsOf: file, encoding: .utf8))
    }

    /// Ends it in good order, and at once when that takes too long.
    static func end(_ process: ChildProcess) {
        process.signal(SIGTERM)
        for _ in 0..<100 where process.isRunning { usleep(60_000) }
        process.signal(SIGKILL)
    }
}

/// Asks until `test` says yes; false after the time is over and it was asked twenty times: while other tests keep all
/// threads busy, the time alone may be over before the second look.
func eventually(_ time: Duration = .seconds(20), _ test: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + time
    var looks = 0
    while ContinuousClock.now < end || looks < 20 {
        if await test() { return true }
        looks += 1
        try? await Task.sleep(for: .milliseconds(50))
    }
    return false
}

/// A campaign that runs: `hq up` in a folder of its own, on free ports.
final class RunningCampaign: Sendable {
    let folder: URL
    let edge: HTTPClientKit
    let control: String
    let edgeAddress: String
    let fastlyAPI: String
    let originPort: String
    private let up: ChildProcess

    init(folder: URL) async throws {
        self.folder = folder
        let (edgePort, controlPort, originPort) = (Program.freePort(), Program.freePort(), Program.freePort())
        edgeAddress = "127.0.0.1:\(edgePort)"
        fastlyAPI = "127.0.0.1:\(Program.freePort())"
        self.originPort = "\(originPort)"
        control = "127.0.0.1:\(controlPort)"
        edge = HTTPClientKit(base: "http://\(edgeAddress)", token: "")
        up = try Program.start(
            Program.path,
            [
                "up", "--dir", folder.path, "--edge", edgeAddress, "--control", control, "--fastly-api",
                fastlyAPI, "--origin", "127.0.0.1:\(originPort)",
            ])
        let isUp = await eventually(.seconds(30)) { await self.status("/") != nil && self.token != nil }
        guard isUp else {
            Program.end(up)
            throw Failure(.unavailable, "the campaign did not come up")
        }
    }

    var token: String? {
        let path = folder.appendingPathComponent(".hq/access.json").path
        return FileManager.default.contents(atPath: path).flatMap {
            try? JSONDecoder().decode(JSON.self, from: $0)
        }?["token"]?.string
    }

    /// What the edge answers; nil when nothing.
    func status(_ path: String) async -> Int? {
        try? await edge.send("GET", path, timeout: .seconds(5)).status
    }

    /// A command, as a terminal in the campaign's folder would send it.
    @discardableResult
    func run(_ argv: String...) async throws -> Report {
        let client = HTTPClientKit(base: "http://\(control)", token: token ?? "")
        let answer = try await client.send(
            "POST", "/v1/commands", body: try JSONEncoder().encode(CommandCall(argv: argv)))
        return try JSONDecoder().decode(Report.self, from: answer.body)
    }

    /// The process of this name, as `hq status` knows it.
    func pid(_ name: String) async throws -> Int32? {
        guard case .array(let rows) = try await run("status").data["processes"],
            case .integer(let pid) = rows.first(where: { $0["name"]?.string == name })?["pid"]
        else { return nil }
        return Int32(pid)
    }

    func stop() {
        Program.end(up)
        try? FileManager.default.removeItem(at: folder)
    }
}
