package import EdgeLink
import EdgeRecords
import HTTPCache
import Kernel
import VCLRuntime

#if canImport(Glibc)
    import Glibc
#endif

/// An edge's metrics for Prometheus. Names begin with `hq_edge_`; what concerns the process has the usual names of client
/// libraries.
package struct EdgeMetrics {
    /// Bounds of the latency histogram in seconds: from what a hit takes to what a visitor waits for. All are bounds of
    /// `LatencyCounts`, so that counts are exact.
    static let bounds: [Double] = [
        0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
        0.5,
        1, 2.5, 5, 10, 30, 60,
    ]

    private let observed: EdgeObservation
    private var out = MetricsText()

    package init(_ observed: EdgeObservation) { self.observed = observed }

    /// The whole text.
    package mutating func text(of core: EdgeCore) -> String {
        traffic(core)
        latency()
        backends(core)
        cache(core)
        logs(core)
        certificates(core)
        EdgeMetrics.process(&out)
        return out.text
    }

    private mutating func traffic(_ core: EdgeCore) {
        let counts = observed.sample.statistics
        out.single("hq_edge_requests_total", .counter, "Requests that arrived.", Double(counts.requests))
        out.begin("hq_edge_responses_total", .counter, "Answers, by the hundreds of their status.")
        for (index, count) in counts.statuses.enumerated() {
            out.sample("hq_edge_responses_total", [("status", "\(index + 1)xx")], Double(count))
        }
        out.begin("hq_edge_results_total", .counter, "Answers, by what the cache had to do with them.")
        let results: [(String, Int)] = [
            ("hit", counts.hits), ("stale", counts.stale), ("miss", counts.misses), ("pass", counts.passes),
            ("synth", counts.synthetics),
        ]
        for (name, count) in results { out.sample("hq_edge_results_total", [("cache", name)], Double(count)) }
        out.single(
            "hq_edge_response_body_bytes_total", .counter, "Bytes of bodies sent to clients.",
            Double(counts.bodyBytes))
        out.single(
            "hq_edge_connections_total", .counter, "Connections that clients opened.",
            Double(counts.connections))
        out.begin("hq_edge_open_connections", .gauge, "Connections of clients that are open, by event loop.")
        for (index, loop) in observed.loops.enumerated() {
            out.sample("hq_edge_open_connections", [("loop", "\(index)")], Double(loop.openConnections))
        }
        out.begin("hq_edge_loop_requests_total", .counter, "Requests that arrived, by event loop.")
        for (index, loop) in observed.loops.enumerated() {
            out.sample("hq_edge_loop_requests_total", [("loop", "\(index)")], Double(loop.requests))
        }
        out.single(
            "hq_edge_fetches_total", .counter, "Requests to backends, those in the background included.",
            Double(counts.fetches))
        out.single(
            "hq_edge_fetch_failures_total", .counter, "Requests to backends that got no answer.",
            Double(counts.fetchFailures))
        for defence in EdgeStatistics.defences {
            out.single(
                "hq_edge_\(defence.name)_total", .counter, defence.help,
                Double(counts[keyPath: defence.count]))
        }
        out.single(
            "hq_edge_cache_only", .gauge, "1 while only what the cache has is served.",
            core.snapshot.shedding == nil ? 0 : 1)
        out.single(
            "hq_edge_snapshot", .gauge, "The number of the snapshot in effect.", Double(observed.snapshot))
    }

    private mutating func latency() {
        let name = "hq_edge_request_duration_seconds"
        out.begin(
            name, .histogram, "Time from a request's head to the end of its answer, by what became of it.")
        for result in CacheResult.allCases {
            let label = ("cache", result.label)
            for bound in EdgeMetrics.bounds {
                let count = observed.latencies.count(upTo: bound * 1e9, result)
                out.sample(name + "_bucket", [label, ("le", MetricsText.number(bound))], Double(count))
            }
            let total = Double(observed.latencies.total(result))
            out.sample(name + "_bucket", [label, ("le", "+Inf")], total)
            out.sample(name + "_sum", [label], observed.latencies.seconds(result))
            out.sample(name + "_count", [label], total)
        }
    }

    private mutating func backends(_ core: EdgeCore) {
        func each(
            _ name: String, _ help: String, _ value: (EdgeSample.Backend) -> Double
        ) {
            out.begin(name, .counter, help)
            for backend in observed.sample.backends {
                out.sample(name, [("backend", backend.name), ("address", backend.address)], value(backend))
            }
        }
        each("hq_edge_backend_fetches_total", "Requests to a backend.") { Double($0.fetches) }
        each("hq_edge_backend_failures_total", "Those that got no answer.") { Double($0.failures) }
        each("hq_edge_backend_errors_total", "Answers with a status of 500 and above.") { Double($0.errors) }
        each("hq_edge_backend_first_byte_seconds_total", "Time from asking to the answer's head.") {
            Double($0.firstByteNanoseconds) / 1e9
        }
        out.begin("hq_edge_backend_healthy", .gauge, "Whether a backend is well: 1, or 0.")
        var seen: Set<[String]> = []
        for backend in core.snapshot.programs.flatMap(\.backends)
        where seen.insert([backend.name, backend.address]).inserted {
            out.sample(
                "hq_edge_backend_healthy", [("backend", backend.name), ("address", backend.address)],
                core.health.isHealthy(backend) ? 1 : 0)
        }
    }

    private mutating func cache(_ core: EdgeCore) {
        out.single(
            "hq_edge_cache_objects", .gauge, "Addresses in the cache.", Double(observed.sample.cachedObjects))
        out.single(
            "hq_edge_cache_bytes", .gauge, "Memory that the cache takes.", Double(observed.sample.cachedBytes)
        )
        out.single(
            "hq_edge_cache_capacity_bytes", .gauge, "Memory that it may take.", Double(core.cache.capacity))
        out.single(
            "hq_edge_cache_evictions_total", .counter, "Addresses that left for want of room.",
            Double(core.cache.evicted))
    }

    private mutating func logs(_ core: EdgeCore) {
        let counts = core.observation.hub.counts
        out.single(
            "hq_edge_log_records_total", .counter, "Requests that were written down for logs.",
            Double(counts.records))
        out.single(
            "hq_edge_log_records_lost_total", .counter,
            "Those that were dropped because formatting did not keep up.", Double(counts.lost))
        func each(_ name: String, _ help: String, _ value: (EdgeObservation.Log) -> Int) {
            out.begin(name, .counter, help)
            for log in observed.logs { out.sample(name, [("log", log.place)], Double(value(log))) }
        }
        each("hq_edge_log_lines_written_total", "Lines that a log took.") { $0.written }
        each("hq_edge_log_lines_lost_total", "Lines that a log did not take in time.") { $0.lost }
        each("hq_edge_log_failures_total", "Tries to write to a log that failed.") { $0.failures }
        out.begin("hq_edge_samples_total", .counter, "Requests kept as samples, by why.")
        for kind in RequestSamples.Kind.allCases {
            out.sample(
                "hq_edge_samples_total", [("kind", kind.rawValue)],
                Double(core.observation.samples.count(kind)))
        }
    }

    private mutating func certificates(_ core: EdgeCore) {
        let shown = core.certificates.shown
        guard !shown.isEmpty else { return }
        // A name may be in several certificates; the first is the one that serves it.
        var seen: Set<String> = []
        let hosts = shown.flatMap { one in one.names.map { (name: $0, certificate: one) } }
            .filter { seen.insert($0.name).inserted }
        out.begin(
            "hq_edge_certificate_expiry_seconds", .gauge,
            "When a host's certificate ends, in seconds since 1970; 0 while no authority has issued one.")
        for host in hosts {
            let end = host.certificate.isSelfMade ? 0 : host.certificate.notAfter
            out.sample("hq_edge_certificate_expiry_seconds", [("host", host.name)], Double(end))
        }
        out.begin(
            "hq_edge_certificate_failures", .gauge,
            "Times in a row that an authority did not issue a host's certificate.")
        for host in hosts where host.certificate.renewal != nil {
            out.sample(
                "hq_edge_certificate_failures", [("host", host.name)], Double(host.certificate.failures))
        }
    }

    // MARK: the process

    private static func process(_ out: inout MetricsText) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        out.single(
            "process_cpu_seconds_total", .counter, "Processor time of user and system.",
            seconds(usage.ru_utime) + seconds(usage.ru_stime))
        if let pages = firstNumbers("/proc/self/statm"), pages.count > 1 {
            out.single(
                "process_resident_memory_bytes", .gauge, "Resident memory.",
                Double(pages[1]) * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let folder = opendir("/proc/self/fd") {
            var count = -3.0  // The folder's own descriptor, "." and "..".
            while readdir(folder) != nil { count += 1 }
            closedir(folder)
            out.single("process_open_fds", .gauge, "Open file descriptors.", count)
        }
    }

    private static func firstNumbers(_ path: String) -> [Int]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }
}
