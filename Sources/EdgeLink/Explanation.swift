/// What an edge would do with one request now, and what it holds for it.
package struct Explanation: Sendable, Codable, Equatable {
    /// A state in which the program runs, and how it ended.
    package struct Step: Sendable, Codable, Equatable {
        package let state: String
        package let decision: String
        package init(state: String, decision: String) {
            self.state = state
            self.decision = decision
        }
    }

    /// One response that is kept for the address. Times in seconds.
    package struct Variant: Sendable, Codable, Equatable {
        package var status = 0
        /// Chosen for requests with these headers; empty for one that answers all.
        package var vary: [String] = []
        /// Whether it is what this request would get.
        package var isChosen = false
        /// A mark that says: not to be kept, for now.
        package var isHitForPass = false
        package var age = 0.0
        /// Below zero: for so long it has been stale.
        package var ttl = 0.0
        package var grace = 0.0
        package var staleWhileRevalidate = 0.0
        package var staleIfError = 0.0
        package var etag: String?
        package var lastModified: String?
        package var cacheControl: String?
        package var surrogateControl: String?
        package var surrogateKeys: [String] = []
        package var bodyBytes = 0
        /// With its head.
        package var memoryBytes = 0
        package var hits = 0
        /// Sentences for people: why it is fresh or not, where its lifetime comes from.
        package var remarks: [String] = []
        package init() {}
    }

    package let edge: String
    package let snapshot: Int64
    package let method: String
    package let url: String
    /// The key under which the cache looks; its parts are separated by spaces.
    package var key = ""
    package var steps: [Step] = []
    package var variants: [Variant] = []
    /// What a visitor would get now, in sentences.
    package var verdict: [String] = []
    package var backend: String?

    package init(edge: String, snapshot: Int64, method: String, url: String) {
        self.edge = edge
        self.snapshot = snapshot
        self.method = method
        self.url = url
    }
}
