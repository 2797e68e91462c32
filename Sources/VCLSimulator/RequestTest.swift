package import Diagnostics
import Kernel
package import VCLRuntime

/// A test of whole requests: steps that happen to one edge, in their order.
package struct RequestTest: Sendable {
    package var name: String
    package var dictionaries: [String: [String: String]] = [:]
    package var steps: [RequestTestStep] = []
    package var isShielded = false
    /// Nil for an edge that challenges nobody.
    package var challenge: SimulatedChallenge?
    package let span: Span
}

package struct RequestTestStep: Sendable {
    package enum Action: Sendable {
        case request(SimulatedRequest, expecting: Expectation)
        /// The clock moves on by so many nanoseconds.
        case after(Int64)
        case purge(key: String?, soft: Bool)
        case set(dictionary: String, entries: [String: String])
        case health([String: Bool])
        /// What backends say from now on; by name, "" for all others.
        case origin([String: BackendAnswer])
        /// Only what the cache has is served, or, with nil, as always.
        case shed(ShedRule?)
        /// Whether the edge has so many requests that everybody is challenged.
        case flood(Bool)
    }
    package let action: Action
    package let span: Span
}

/// How a text must be.
package enum TextMatch: Sendable, Hashable {
    case equal(String)
    case matches(String)
    case contains(String)
    case absent
    case present
}

/// What a step's request must come to; what is nil is not looked at.
package struct Expectation: Sendable {
    package var status: Int?
    package var headers: [(name: String, match: TextMatch)] = []
    package var body: TextMatch?
    /// HIT, MISS, PASS, STALE, SYNTH or ERROR.
    package var cache: String?
    /// Requests to backends that the client had to wait for.
    package var fetches: Int?
    package var backend: String?
    package var backendURL: TextMatch?
    package var backendHeaders: [(name: String, match: TextMatch)] = []
    package var logs: [TextMatch]?
    package var restarts: Int?
    package var states: [String]?
    /// Nanoseconds for which the response is kept; 0 for one that is not.
    package var storedFor: Int64?
    /// Whether the answer is the page that asks for a proof of work.
    package var challenged: Bool?

    package init() {}
}

extension TextMatch {
    /// Nil when it fits, else what was wanted and found.
    func wrong(_ what: String, _ found: String?) -> String? {
        switch self {
        case .absent: found.map { "expected no \(what), found \"\($0)\"" }
        case .present: found == nil ? "expected \(what), found none" : nil
        case .equal(let wanted):
            found == wanted ? nil : "expected \(what) \"\(wanted)\", found \(TextMatch.shown(found))"
        case .contains(let wanted):
            found?.contains(wanted) == true
                ? nil : "expected \(what) with \"\(wanted)\" in it, found \(TextMatch.shown(found))"
        case .matches(let pattern):
            TextMatch.matches(pattern, found)
                ? nil : "expected \(what) that matches \"\(pattern)\", found \(TextMatch.shown(found))"
        }
    }

    private static func matches(_ pattern: String, _ found: String?) -> Bool {
        guard let found, let regex = try? Swift.Regex(pattern) else { return false }
        return found.firstMatch(of: regex) != nil
    }

    private static func shown(_ text: String?) -> String {
        guard let text else { return "none" }
        return "\"\(text.count > 200 ? text.prefix(200) + "..." : text)\""
    }
}

extension Expectation {
    /// Everything that is not as expected.
    func wrong(_ found: Simulation) -> [String] {
        var all: [String?] = []
        let response = found.response
        all.append(differs("status", status, response.status))
        all += headers.map { $0.match.wrong("header \($0.name)", response.header($0.name)) }
        all.append(body?.wrong("a body", String(decoding: response.body, as: UTF8.self)))
        all.append(differs("cache", cache, found.cache))
        if let challenged, challenged != found.isChallenged {
            all.append(
                "expected \(challenged ? "a" : "no") challenge, found \(found.isChallenged ? "one" : "none")")
        }
        let waited = found.backendRequests.filter { !$0.isBackground }
        all.append(differs("fetches", fetches, waited.count))
        all.append(differs("restarts", restarts, found.restarts))
        all.append(differs("states", states?.joined(separator: ", "), found.states.joined(separator: ", ")))
        let last = found.backendRequests.last
        if let backend, last?.backend != backend {
            all.append("expected the backend \(backend), found \(last?.backend ?? "none asked")")
        }
        all.append(backendURL?.wrong("a URL to the backend", last?.url))
        all += backendHeaders.map { wanted in
            wanted.match.wrong(
                "header \(wanted.name) to the backend",
                last?.headers.last { $0.name.lowercased() == wanted.name.lowercased() }?.value)
        }
        if let storedFor {
            all.append(
                differs("seconds stored", storedFor / 1_000_000_000, (found.storedFor ?? 0) / 1_000_000_000))
        }
        for match in logs ?? [] where !found.logs.contains(where: { match.wrong("", $0) == nil }) {
            all.append("no log line is as expected (\(match)); there are \(found.logs)")
        }
        return all.compactMap(\.self)
    }

    private func differs<T: Equatable>(_ what: String, _ wanted: T?, _ found: T) -> String? {
        guard let wanted, wanted != found else { return nil }
        return "expected \(what) \(wanted), found \(found)"
    }
}
