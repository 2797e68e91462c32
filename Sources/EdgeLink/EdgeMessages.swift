package import VCLRuntime

/// What the control plane tells an edge. Updates are numbered; an edge that was away gets a whole snapshot first.
package enum EdgeUpdate: Sendable, Codable {
    case snapshot(EdgeSnapshot)
    /// A piece of a dictionary of the snapshot that follows, whose own list of dictionaries leaves it out.
    case entries(EntriesPart)
    case dictionary(DictionaryDelta)
    case purge(PurgeOrder)
    case shed(ShedOrder)
    case trial(TrialOrder)
    /// Says that the line is alive.
    case tick
}

package struct DictionaryDelta: Sendable, Codable, Equatable {
    package let number: Int64
    package let dictionary: String
    package let set: [String: String]
    package let unset: [String]

    package init(number: Int64, dictionary: String, set: [String: String], unset: [String]) {
        self.number = number
        self.dictionary = dictionary
        self.set = set
        self.unset = unset
    }
}

/// From here on only what the cache has is served, or (nil) everything again.
package struct ShedOrder: Sendable, Codable, Equatable {
    package let number: Int64
    package let rule: ShedRule?

    package init(number: Int64, rule: ShedRule?) {
        self.number = number
        self.rule = rule
    }
}

package struct PurgeOrder: Sendable, Codable, Equatable {
    package enum Scope: Sendable, Codable, Equatable {
        case all
        case key(String)
        /// Host and target, as the default hash makes them.
        case url(host: String, target: String)
    }
    package let number: Int64
    package let scope: Scope
    package let soft: Bool
    /// The id of the service whose objects alone are meant: one of `EdgeSnapshot.services`, or `EdgeSnapshot.serviceID` for the
    /// campaign's own program. Nil for everything that the edge has, whichever program stored it.
    package var service: String?

    package init(number: Int64, scope: Scope, soft: Bool, service: String? = nil) {
        self.number = number
        self.scope = scope
        self.soft = soft
        self.service = service
    }
}

/// What an edge tells the control plane.
package struct EdgeReport: Sendable, Codable {
    package var edge: String
    /// The update that is in effect.
    package var number: Int64
    /// Why the latest one is not.
    package var refusal: String?

    package init(edge: String, number: Int64, refusal: String? = nil) {
        self.edge = edge
        self.number = number
        self.refusal = refusal
    }
}
