/// One request that two programs answer differently.
package struct BehaviourDifference: Sendable {
    package struct Answer: Sendable {
        package let response: SimulatedResponse
        /// HIT, MISS, PASS, STALE, SYNTH or ERROR.
        package let cache: String
    }

    package let request: SimulatedRequest
    package let before: Answer
    package let after: Answer
    /// In plain words: `status 200 -> 301`, `header Location: none -> /x`.
    package let changes: [String]

    /// Sends each request through both edges, in this order, and tells which answers differ. The edges keep what they store, so
    /// that a request that comes twice meets the cache of each.
    package static func compare(before: SimulatedEdge, after: SimulatedEdge, requests: [SimulatedRequest])
        -> [BehaviourDifference]
    {
        requests.compactMap { request in
            let (old, new) = (before.request(request), after.request(request))
            let changes = changes(old, new)
            guard !changes.isEmpty else { return nil }
            return BehaviourDifference(
                request: request, before: Answer(response: old.response, cache: old.cache),
                after: Answer(response: new.response, cache: new.cache), changes: changes)
        }
    }

    private static func changes(_ old: Simulation, _ new: Simulation) -> [String] {
        var found: [String] = []
        if old.response.status != new.response.status {
            found.append("status \(old.response.status) -> \(new.response.status)")
        }
        if old.cache != new.cache { found.append("cache \(old.cache) -> \(new.cache)") }
        let (before, after) = (headers(old), headers(new))
        for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
            found.append("header \(name): \(before[name] ?? "none") -> \(after[name] ?? "none")")
        }
        if old.response.body != new.response.body {
            found.append(
                "body of \(old.response.body.count) bytes -> \(new.response.body.count) bytes, another text")
        }
        if old.backendRequests.map(\.backend) != new.backendRequests.map(\.backend) {
            found.append("backends asked: \(backends(old)) -> \(backends(new))")
        } else if old.backendRequests != new.backendRequests {
            found.append("what the backend is asked")
        }
        if old.storedFor != new.storedFor { found.append("stored for \(seconds(old)) -> \(seconds(new))") }
        return found
    }

    private static func backends(_ one: Simulation) -> String {
        one.backendRequests.isEmpty ? "none" : one.backendRequests.map(\.backend).joined(separator: ", ")
    }

    private static func seconds(_ one: Simulation) -> String {
        one.storedFor.map { "\($0 / 1_000_000_000) s" } ?? "not at all"
    }

    /// By lowercased name; of several with one name all, in their order. Date says when, not what.
    private static func headers(_ one: Simulation) -> [String: String] {
        var found: [String: String] = [:]
        for header in one.response.headers {
            let name = header.name.lowercased()
            guard name != "date" else { continue }
            found[name] = found[name].map { $0 + " | " + header.value } ?? header.value
        }
        return found
    }
}
