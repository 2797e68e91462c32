package import VCLRuntime

/// Everything that an edge needs to serve, also what it keeps on disk to start without the control plane.
package struct EdgeSnapshot: Sendable, Codable, Equatable {
    package var number: Int64
    /// The main program's name in `files`; nil for the default VCL.
    package var main: String?
    package var files: [String: String]
    /// Generated declarations: the backends of the campaign file.
    package var prelude: String
    /// By full name: the campaign file's, and those of services as `SLUG/NAME`.
    package var dictionaries: [String: [String: String]]
    /// Full names of the dictionaries that programs see as an `acl`: their keys are addresses and networks.
    package var accessLists: [String]
    /// Full names of the dictionaries whose values are secrets; what an edge keeps of them on its disk is sealed.
    package var secrets: [String]
    /// The programs of services, each of which answers its domains in place of the campaign's own.
    package var services: [ServiceProgram]
    /// The id by which the Fastly API knows the campaign's own program; nil when it has none.
    package var serviceID: String?
    /// Set while only what the cache has is served.
    package var shedding: ShedRule?

    package init(
        number: Int64, main: String?, files: [String: String], prelude: String,
        dictionaries: [String: [String: String]], accessLists: [String] = [], secrets: [String] = [],
        services: [ServiceProgram] = [], serviceID: String? = nil, shedding: ShedRule? = nil
    ) {
        self.number = number
        self.main = main
        self.files = files
        self.prelude = prelude
        self.dictionaries = dictionaries
        self.accessLists = accessLists
        self.secrets = secrets
        self.services = services
        self.serviceID = serviceID
        self.shedding = shedding
    }

    /// What an earlier version wrote lacks what it did not know.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            number: try values.decode(Int64.self, forKey: .number),
            main: try values.decodeIfPresent(String.self, forKey: .main),
            files: try values.decode([String: String].self, forKey: .files),
            prelude: try values.decode(String.self, forKey: .prelude),
            dictionaries: try values.decode([String: [String: String]].self, forKey: .dictionaries),
            accessLists: try values.decodeIfPresent([String].self, forKey: .accessLists) ?? [],
            secrets: try values.decodeIfPresent([String].self, forKey: .secrets) ?? [],
            services: try values.decodeIfPresent([ServiceProgram].self, forKey: .services) ?? [],
            serviceID: try values.decodeIfPresent(String.self, forKey: .serviceID),
            shedding: try values.decodeIfPresent(ShedRule.self, forKey: .shedding))
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

    /// Whether nothing but the number differs.
    package func isSame(as other: EdgeSnapshot) -> Bool {
        var renumbered = other
        renumbered.number = number
        return self == renumbered
    }
}
