package import Kernel

/// The service of the Fastly API whose program a snapshot has, for its variables and its part of the cache.
package final class ServiceIdentity: Sendable {
    package let id: String
    /// Nil where versions have no numbers of their own: the snapshot's number stands for it.
    package let version: Int64?
    /// MD5 of the main program, in hexadecimal.
    package let md5: String
    /// How the keys begin under which its objects are kept; "not set" for the campaign's own program, whose keys have nothing
    /// before them.
    package let keyPrefix: Bytes

    package init(id: String, version: Int64?, md5: String, isApart: Bool) {
        self.id = id
        self.version = version
        self.md5 = md5
        guard isApart else {
            keyPrefix = .notSet
            return
        }
        keyPrefix = ServiceIdentity.keyPrefix(id).withBytes { bytes in
            let start = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
            if let from = bytes.start { start.update(from: from, count: bytes.count) }
            return Bytes(start: start, count: bytes.count)
        }
    }

    deinit { keyPrefix.start?.deallocate() }

    /// How keys of any service's objects begin; no other key begins with a zero byte.
    package static let marker = "\u{0}service "
    package static func keyPrefix(_ id: String) -> String { marker + id + "\u{0}" }
}

/// What a request runs against from beginning to end: a program and the dictionaries of one moment.
package final class Snapshot: Sendable {
    /// Counts up with every change; edges and control speak of snapshots by it.
    package let number: Int64
    package let program: Program
    private let tables: [Table]
    private let accessLists: [AccessList]
    /// Counts outlive snapshots: whoever makes the next one from another program hands them on.
    package let rateLimits: RateLimits
    /// Set while only what the cache has is served.
    package let shedding: ShedRule?
    /// Nil for a program that belongs to no service.
    package let service: ServiceIdentity?
    /// Full names of the dictionaries whose names in the program are others.
    private let fullNames: [String: String]
    /// The programs that answer some hosts in place of this one; nil when there are none.
    package let services: ServiceHosts?

    private init(
        number: Int64, program: Program, tables: [Table], accessLists: [AccessList], rateLimits: RateLimits,
        shedding: ShedRule?, service: ServiceIdentity?, fullNames: [String: String], services: ServiceHosts?
    ) {
        self.number = number
        self.program = program
        self.tables = tables
        self.accessLists = accessLists
        self.rateLimits = rateLimits
        self.shedding = shedding
        self.service = service
        self.fullNames = fullNames
        self.services = services
    }

    /// A dictionary that the program names and `dictionaries` lacks is empty. `dictionaries` are found by their full names: the
    /// program's own, unless `fullNames` has another for one. Access lists are made of them, unless `accessLists` has them.
    package convenience init(
        number: Int64, program: Program, dictionaries: [String: Table] = [:],
        accessLists: [String: AccessList] = [:], rateLimits: RateLimits = RateLimits(),
        shedding: ShedRule? = nil, service: ServiceIdentity? = nil, fullNames: [String: String] = [:],
        services: ServiceHosts? = nil
    ) {
        program.prepare()
        let tables = program.tables.map { name, own in
            own ?? dictionaries[fullNames[name] ?? name] ?? Table(name: fullNames[name] ?? name, .empty)
        }
        let lists = program.accessLists.map { name, own in
            let full = fullNames[name] ?? name
            return own ?? accessLists[full] ?? dictionaries[full].map { AccessList($0) }
                ?? AccessList(name: full, entries: [])
        }
        self.init(
            number: number, program: program, tables: tables, accessLists: lists, rateLimits: rateLimits,
            shedding: shedding, service: service, fullNames: fullNames, services: services)
    }

    // MARK: the same but for something

    private func copy(
        _ number: Int64, tables: [Table]? = nil, accessLists: [AccessList]? = nil,
        rateLimits: RateLimits? = nil,
        shedding: ShedRule??, services: ServiceHosts?
    ) -> Snapshot {
        Snapshot(
            number: number, program: program, tables: tables ?? self.tables,
            accessLists: accessLists ?? self.accessLists, rateLimits: rateLimits ?? self.rateLimits,
            shedding: shedding ?? self.shedding, service: service, fullNames: fullNames, services: services)
    }

    /// The same under another number.
    package func renumbered(_ number: Int64) -> Snapshot {
        copy(number, shedding: nil, services: services?.map { $0.renumbered(number) })
    }

    /// The same with another rule of what is fetched; nil for none.
    package func shedding(_ rule: ShedRule?, number: Int64) -> Snapshot {
        copy(number, shedding: .some(rule), services: services?.map { $0.shedding(rule, number: number) })
    }

    /// The same for a run that shall leave no trace: it counts in rates of its own.
    package func aside() -> Snapshot {
        copy(number, rateLimits: RateLimits(), shedding: nil, services: services?.map { $0.aside() })
    }

    /// The same programs with one dictionary, by its full name, replaced in all that read it.
    package func replacing(_ table: Table, number: Int64) -> Snapshot {
        var list: AccessList?
        return replacing(table, number: number, &list)
    }

    private func replacing(_ table: Table, number: Int64, _ list: inout AccessList?) -> Snapshot {
        let tables = zip(program.tables, self.tables).map { named, old in
            named.own == nil && (fullNames[named.name] ?? named.name) == table.name ? table : old
        }
        let lists = zip(program.accessLists, accessLists).map { named, old in
            guard named.own == nil, (fullNames[named.name] ?? named.name) == table.name else { return old }
            let made = list ?? AccessList(table)
            list = made
            return made
        }
        let services = services?.map { $0.replacing(table, number: number, &list) }
        return copy(number, tables: tables, accessLists: lists, shedding: nil, services: services)
    }

    /// The same with one table, by place, replaced, whether it is the program's own or a dictionary.
    package func replacing(place: Int, with table: Table, number: Int64) -> Snapshot {
        copy(
            number, tables: tables.indices.map { $0 == place ? table : tables[$0] }, shedding: nil,
            services: services)
    }

    // MARK: what programs ask

    package func table(_ index: Int) -> Table { tables[index] }

    func accessList(_ place: Int) -> AccessList { accessLists[place] }

    /// Whether the ACL in this place holds the address; a place that no ACL has holds none.
    func allows(_ list: Int64, _ address: IPAddress) -> Bool {
        list >= 0 && list < accessLists.count && accessLists[Int(list)].contains(address)
    }

    /// The lists that were made of dictionaries, for all programs, by full names.
    package var suppliedLists: [String: AccessList] {
        var all = services?.snapshots.reduce(into: [:]) { $0.merge($1.suppliedLists) { $1 } } ?? [:]
        for list in accessLists where list.source != nil { all[list.name] = list }
        return all
    }

    /// This program and those of all services.
    package var programs: [Program] { [program] + (services?.snapshots.map(\.program) ?? []) }
}
