import Foundation
import Kernel
import Rehearsal

#if canImport(Glibc)
    import Glibc
#endif

/// What generator, edge and machine use of the processors, from the kernel's accounting (proc(5)). Of processes it sees
/// those of this machine that it may look at: the edge's are those that hold a listening socket on the target's port.
final class UsageMeter: @unchecked Sendable {
    private struct Reading {
        var at: Int64 = 0
        var loops: [Double] = []
        var edge: Double?
        var busy: Double?
    }

    private let edges: [Int]
    private let isHere: Bool
    private let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))
    private var last = Guarded(Reading())

    /// `port` is nil when the edge is on another machine.
    init(port: Int?) {
        isHere = port != nil
        edges = port.map(UsageMeter.processes(listeningOn:)) ?? []
    }

    func begin(loops: [Double]) {
        let now = reading(loops)
        last.withLock { $0 = now }
    }

    /// Since the last call.
    func take(loops: [Double]) -> RehearsalSecond.Usage {
        let now = reading(loops)
        let before = last.withLock { last in
            defer { last = now }
            return last
        }
        var usage = RehearsalSecond.Usage()
        let seconds = Double(now.at - before.at) / 1e9
        guard seconds > 0 else { return usage }
        usage.generatorCores = zip(now.loops, before.loops).reduce(0) { $0 + $1.0 - $1.1 } / seconds
        if let edge = now.edge, let old = before.edge { usage.edgeCores = max(0, edge - old) / seconds }
        if let busy = now.busy, let old = before.busy {
            // The kernel's sum over processors may run backwards by a tick.
            usage.busyCores = max(0, busy - old) / seconds
            usage.cores = cores
        }
        if !edges.isEmpty { usage.edgeResidentBytes = edges.reduce(0) { $0 + UsageMeter.resident($1) } }
        return usage
    }

    private func reading(_ loops: [Double]) -> Reading {
        let used = edges.compactMap(UsageMeter.cpuSeconds)
        return Reading(
            at: LoadLoop.now(), loops: loops, edge: used.isEmpty ? nil : used.reduce(0, +),
            busy: isHere ? UsageMeter.machineBusySeconds() : nil)
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        var text: [UInt8] = []
        while case let count = fread(&bytes, 1, bytes.count, file), count > 0 { text += bytes[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    /// User and system time of all threads.
    static func cpuSeconds(_ process: Int) -> Double? {
        // The name in brackets may hold blanks and brackets; behind the last one come plain fields.
        guard let stat = text("/proc/\(process)/stat"), let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return nil
        }
        return (user + system) / ticks
    }

    static func resident(_ process: Int) -> Int {
        let fields = text("/proc/\(process)/statm")?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * pageBytes : 0
    }

    /// What all processors did besides idling and waiting for disks.
    private static func machineBusySeconds() -> Double? {
        guard let line = text("/proc/stat")?.split(separator: "\n").first else { return nil }
        let fields = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard fields.count >= 7 else { return nil }
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / ticks
    }

    static func processes(listeningOn port: Int) -> [Int] {
        var sockets: Set<String> = []
        let wanted = String(port, radix: 16, uppercase: true)
        let place = ":" + String(repeating: "0", count: max(0, 4 - wanted.count)) + wanted
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in (text(table) ?? "").split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // 0A is LISTEN.
                guard fields.count > 9, fields[1].hasSuffix(place), fields[3] == "0A" else { continue }
                sockets.insert("socket:[\(fields[9])]")
            }
        }
        guard !sockets.isEmpty else { return [] }
        let files = FileManager.default
        let all = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
        return all.filter { process in
            let folder = "/proc/\(process)/fd"
            return ((try? files.contentsOfDirectory(atPath: folder)) ?? []).contains { name in
                (try? files.destinationOfSymbolicLink(atPath: folder + "/" + name)).map(sockets.contains)
                    ?? false
            }
        }
    }
}
