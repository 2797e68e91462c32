import Kernel
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
    package var entries: [String: EntryBlock]
    /// Full names of dictionaries that the edge holds already and that are not sent again.
    package var held: [String] = []
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
        self.init(
            number: number, main: main, files: files, prelude: prelude,
            entries: dictionaries.mapValues { EntryBlock($0) }, accessLists: accessLists, secrets: secrets,
            services: services, serviceID: serviceID, shedding: shedding)
    }

    package init(
        number: Int64, main: String?, files: [String: String], prelude: String,
        entries: [String: EntryBlock], accessLists: [String] = [], secrets: [String] = [],
        services: [ServiceProgram] = [], serviceID: String? = nil, shedding: ShedRule? = nil
    ) {
        self.number = number
        self.main = main
        self.files = files
        self.prelude = prelude
        self.entries = entries
        self.accessLists = accessLists
        self.secrets = secrets
        self.services = services
        self.serviceID = serviceID
        self.shedding = shedding
    }

    /// The same entries for who wants to look at them as they are known elsewhere; made anew each time.
    package var dictionaries: [String: [String: String]] {
        get { entries.mapValues(\.texts) }
        set { entries = newValue.mapValues { EntryBlock($0) } }
    }

    private enum CodingKeys: String, CodingKey {
        case number, main, files, prelude, dictionaries, accessLists, secrets, services, serviceID, shedding
        case held
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(number, forKey: .number)
        try values.encodeIfPresent(main, forKey: .main)
        try values.encode(files, forKey: .files)
        try values.encode(prelude, forKey: .prelude)
        try values.encode(dictionaries, forKey: .dictionaries)
        try values.encode(accessLists, forKey: .accessLists)
        try values.encode(secrets, forKey: .secrets)
        try values.encode(services, forKey: .services)
        try values.encodeIfPresent(serviceID, forKey: .serviceID)
        try values.encodeIfPresent(shedding, forKey: .shedding)
        if !held.isEmpty { try values.encode(held, forKey: .held) }
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
        held = try values.decodeIfPresent([String].self, forKey: .held) ?? []
    }
}

extension EdgeSnapshot {
    /// Whether nothing but the number differs.
    package func isSame(as other: EdgeSnapshot) -> Bool {
        var renumbered = other
        renumbered.number = number
        return self == renumbered
    }
}

extension EntryBlock {
    package convenience init(_ texts: [String: String]) {
        // In order, so that the same entries are the same block.
        self.init(entries: texts.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
    }

    /// Of two entries with one key the later one.
    package var texts: [String: String] {
        var all: [String: String] = [:]
        all.reserveCapacity(count)
        forEach { all[$0.string] = $1.string }
        return all
    }
}
