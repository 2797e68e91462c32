package import VCLRuntime

/// What the control plane tells an edge. Updates are numbered; an edge that was away gets a whole snapshot first.
package enum EdgeUpdate: Sendable, Codable {
    case snapshot(EdgeSnapshot)
    case dictionary(DictionaryDelta)
    case purge(PurgeOrder)
    case shed(ShedOrder)
    case trial(TrialOrder)
    /// Says that the line is alive.
    case tick
}

/// Everything that an edge needs to serve, also what it keeps on disk to start without the control plane.
package struct EdgeSnapshot: Sendable, Codable, Equatable {
    package var number: Int64
    /// The main program's name in `files`; nil for the default VCL.
    package var main: String?
    package var files: [String: String]
    /// Generated declarations: the backends of the campaign file.
    package var prelude: String
    package var dictionaries: [String: [String: String]]
    /// Set while only what the cache has is served.
    package var shedding: ShedRule?

    package init(
        number: Int64, main: String?, files: [String: String], prelude: String,
        dictionaries: [String: [String: String]], shedding: ShedRule? = nil
    ) {
        self.shedding = shedding
        self.number = number
        self.main = main
        self.files = files
        self.prelude = prelude
        self.dictionaries = dictionaries
    }
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

    package init(number: Int64, scope: Scope, soft: Bool) {
        self.number = number
        self.scope = scope
        self.soft = soft
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

extension EdgeSnapshot {
    /// The snapshot after `delta`.
    package mutating func apply(_ delta: DictionaryDelta) {
        var entries = dictionaries[delta.dictionary] ?? [:]
        for key in delta.unset { entries[key] = nil }
        entries.merge(delta.set) { $1 }
        dictionaries[delta.dictionary] = entries
        number = delta.number
    }

    /// The snapshot after `order`.
    package mutating func apply(_ order: ShedOrder) {
        shedding = order.rule
        number = order.number
    }
}
