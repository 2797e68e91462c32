import Edge
import Foundation
import HTTPKit
import Journey
import Kernel

/// Asks for a list of addresses, so many at once, and keeps account.
struct WarmUp: Sendable {
    typealias Ask = @Sendable (ExplainedRequest, [(String, String)]) async throws -> PageClient.Page

    let addresses: [ExplainedRequest]
    let headerSets: [[(String, String)]]
    let concurrency: Int
    /// Requests in a second; 0 for as many as go.
    let rate: Int
    let progress: (@Sendable (Int, Int) -> Void)?

    /// The addresses of a list. Throws `Failure(.invalid)` with the number of the first line that has none.
    static func addresses(of text: String, name: String) throws -> [ExplainedRequest] {
        var found: [ExplainedRequest] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let address = ExplainedRequest(url: line) else {
                throw Failure(
                    .invalid, "\(name):\(index + 1): '\(line)' is no address",
                    hint: "such as https://www.example.org/debate")
            }
            found.append(address)
        }
        guard !found.isEmpty else { throw Failure(.invalid, "\(name) has no addresses") }
        guard found.count <= EdgeWarm.mostAddresses else {
            throw Failure(.limit, "\(name) has more than \(grouped(EdgeWarm.mostAddresses)) addresses")
        }
        return found
    }

    func run(_ ask: @escaping Ask) async -> WarmUpResult {
        let work = addresses.flatMap { address in headerSets.map { (address, $0) } }
        let begun = ContinuousClock.now
        var result = WarmUpResult()
        await withTaskGroup(of: WarmUpResult.One.self) { group in
            var next = 0
            func begin() async {
                guard next < work.count else { return }
                let (address, headers) = work[next]
                if rate > 0 {
                    let due = begun + .nanoseconds(Int64(next) * 1_000_000_000 / Int64(rate))
                    try? await Task.sleep(until: due, clock: .continuous)
                }
                next += 1
                group.addTask { await WarmUp.one(address, headers, ask) }
            }
            for _ in 0..<concurrency { await begin() }
            for await one in group {
                result.add(one)
                progress?(result.count, work.count)
                await begin()
            }
        }
        result.seconds = (ContinuousClock.now - begun).inSeconds
        return result
    }

    private static func one(
        _ address: ExplainedRequest, _ headers: [(String, String)], _ ask: Ask
    ) async -> WarmUpResult.One {
        let url = address.host + address.target
        do {
            let page = try await ask(address, headers)
            return .init(
                url: url, status: page.status, cache: page.headers["x-cache"] ?? "-", bytes: page.bytes,
                failure: nil)
        } catch {
            return .init(
                url: url, status: 0, cache: "-", bytes: 0, failure: (error as? Failure)?.message ?? "\(error)"
            )
        }
    }
}

/// What became of a warm-up.
struct WarmUpResult: Sendable {
    struct One: Sendable {
        let url: String
        /// 0 when there was no answer.
        let status: Int
        let cache: String
        let bytes: Int
        let failure: String?

        var isGood: Bool { (200..<400).contains(status) }
    }

    /// Bad addresses that are named.
    private static let named = 20

    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var bad = 0
    private(set) var results: [String: Int] = [:]
    private(set) var statuses: [Int: Int] = [:]
    private(set) var badOnes: [One] = []
    var seconds = 0.0

    mutating func add(_ one: One) {
        count += 1
        bytes += one.bytes
        results[one.cache, default: 0] += 1
        statuses[one.status, default: 0] += 1
        guard !one.isGood else { return }
        bad += 1
        if badOnes.count < WarmUpResult.named { badOnes.append(one) }
    }

    var report: Report {
        let what = results.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.key) \(grouped($0.value))"
        }
        let answers = statuses.sorted { $0.key < $1.key }.map {
            "\($0.key == 0 ? "none" : "\($0.key)") \(grouped($0.value))"
        }
        let passed = results["PASS", default: 0] + results["SYNTH", default: 0]
        return Report(
            "\(grouped(count)) asked for in \(shortDecimal(seconds)) s, \(bad == 0 ? "all" : grouped(count - bad)) answered well",
            outcome: bad == 0 ? .done : .failed,
            fields: [
                .init("cache", what.joined(separator: ", ")),
                .init("answers", answers.joined(separator: ", ")),
                .init("bodies", ByteCount(bytes).description),
            ],
            table: .init(
                columns: ["status", "address"],
                rows: badOnes.map { [$0.status == 0 ? "none" : "\($0.status)", $0.url] }),
            notes: passed > 0 ? ["\(counted(passed, "answer")) cannot be kept: PASS or SYNTH"] : [],
            hint: bad > 0 ? "hq edge explain URL says what becomes of one" : nil,
            data: .object([
                "asked": .integer(Int64(count)), "bad": .integer(Int64(bad)), "bytes": .integer(Int64(bytes)),
                "seconds": .number(seconds),
                "results": .object(results.mapValues { .integer(Int64($0)) }),
                "statuses": .object(
                    Dictionary(
                        uniqueKeysWithValues: statuses.map { ("\($0.key)", .integer(Int64($0.value))) })),
                "badAddresses": .array(badOnes.map { .string($0.url) }),
            ]))
    }
}
