package import Kernel

/// A request as a test or a person writes it.
package struct SimulatedRequest: Sendable, Hashable {
    package var method = "GET"
    /// Path and query.
    package var url = "/"
    package var headers: [Header] = []
    package var body: [UInt8] = []
    package var client = IPAddress("192.0.2.1")!
    package var isTLS = false
    /// The visitor's browser has proved work.
    package var hasProof = false

    package init(url: String = "/") { self.url = url }
}

package struct Header: Sendable, Hashable {
    package let name: String
    package let value: String
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What the edge asked a backend.
package struct BackendRequest: Sendable, Hashable {
    package let backend: String
    package let method: String
    package let url: String
    package let headers: [Header]
    package let body: [UInt8]
    /// Whether it only refreshes what a client was already given stale.
    package let isBackground: Bool
}

/// What a backend says to it.
package struct BackendAnswer: Sendable, Hashable {
    package var status = 200
    package var headers: [Header] = []
    package var body: [UInt8] = []
    /// Why there is no answer: "connection refused", "first byte timeout"; the status and the rest then mean nothing.
    package var failure: String?

    package init(status: Int = 200, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func failing(_ why: String) -> BackendAnswer {
        var answer = BackendAnswer()
        answer.failure = why
        return answer
    }
}

/// What the client gets.
package struct SimulatedResponse: Sendable, Hashable {
    package let status: Int
    package let reason: String
    package let headers: [Header]
    package let body: [UInt8]

    package func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One request and what became of it.
package struct Simulation: Sendable {
    package let response: SimulatedResponse
    /// HIT, MISS, PASS, STALE, SYNTH or ERROR.
    package let cache: String
    package let backendRequests: [BackendRequest]
    package let logs: [String]
    /// The states in which the program ran, in their order: recv, hash, miss, fetch, deliver, log.
    package let states: [String]
    package let restarts: Int
    /// Nanoseconds for which what was fetched may be served, when it was stored.
    package let storedFor: Int64?
    /// The answer is the page that asks for a proof of work.
    package let isChallenged: Bool
    /// What the program did, step by step; empty when nobody asked.
    package let trace: [TraceStep]
}
