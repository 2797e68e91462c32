package import Diagnostics
package import EdgeLink
import Journey
import Kernel
package import Store
package import VCLRuntime
package import VCLService

/// What a version holds as VCLService understands it, and what its program makes of that.
package struct ServiceContents: Sendable {
    package let record: ServiceRecord
    package let version: Int
    /// Dictionaries and ACLs in it are containers alone: their entries reach edges by themselves.
    package let service: FastlyService
    /// What its program calls its dictionaries and access lists -> their full names.
    package let dictionaries: [String: String]
    /// Those of them that are access lists, by what the program calls them.
    package let accessLists: [String]

    /// Makes of what is kept of a secret what a program reads. Whoever only checks a program needs none.
    package typealias Opener = @Sendable (String) -> String

    /// The word of a path -> the member of `FastlyService` that lists its objects.
    package static let lists: KeyValuePairs<String, String> = [
        "vcl": "vcls", "snippet": "snippets", "backend": "backends", "director": "directors",
        "healthcheck": "healthchecks", "domain": "domains", "dictionary": "dictionaries", "acl": "acls",
        "condition": "conditions", "header": "headers", "gzip": "gzips", "cache_settings": "cache_settings",
        "request_settings": "request_settings", "response_object": "response_objects",
        "rate-limiters": "rate_limiters",
    ]

    /// `snippet` is a dynamic snippet's content as it would be, by its id. Throws `Failure(.invalid)` for an object that makes no
    /// sense, `.notFound` for no such version.
    package init(
        _ version: Int, of record: ServiceRecord, replacing snippet: (id: String, content: String)? = nil,
        open: Opener? = nil, in transaction: StoreTransaction
    ) throws {
        _ = try Services.version(version, of: record.id, in: transaction)
        let objects = try Services.objects(version: version, of: record.id, in: transaction)
        var members: [JSONMember] = []
        for (kind, list) in ServiceContents.lists {
            let own = try (objects[kind] ?? []).map { object in
                try ServiceContents.json(object, record, snippet, open, in: transaction)
            }
            members.append(JSONMember(list, .array(own)))
        }
        if let settings = objects["settings"]?.first { members.append(JSONMember("settings", settings.body)) }
        var service = try FastlyService(JSONValue.object(members))
        service.id = record.id
        service.name = record.name
        service.version = version
        service.onlyFileIsMain = false
        let full = Dictionary(
            uniqueKeysWithValues: try Services.dictionaries(of: record.id, in: transaction).map {
                ($0.id, $0.fullName)
            })
        var names: [String: String] = [:]
        for object in (objects["dictionary"] ?? []) + (objects["acl"] ?? []) {
            names[FastlyService.identifier(object.name)] = full[object.id]
        }
        self.record = record
        self.version = version
        self.service = service
        dictionaries = names
        accessLists = (objects["acl"] ?? []).map { FastlyService.identifier($0.name) }
    }

    private static func json(
        _ object: ServiceObjectRecord, _ record: ServiceRecord, _ snippet: (id: String, content: String)?,
        _ open: Opener?, in transaction: StoreTransaction
    ) throws -> JSONValue {
        var members = object.body.members.filter { $0.name != "name" && $0.name != "id" }
        if let open {
            // No other field is opened: else a sealed text that somebody came by could be read in a program.
            for index in members.indices where members[index].name == "ssl_client_key" {
                guard let text = members[index].value.string, text.hasPrefix(Sealed.mark) else { continue }
                members[index].value = .string(open(text))
            }
        }
        members.append(JSONMember("name", .string(object.name)))
        if !object.id.isEmpty { members.append(JSONMember("id", .string(object.id))) }
        guard object.kind == "snippet", object.isDynamicSnippet else { return .object(members) }
        let content =
            snippet?.id == object.id
            ? snippet?.content
            : (try? Services.snippetContent(object.id, of: record.id, in: transaction))?.content
        members.removeAll { $0.name == "content" }
        members.append(JSONMember("content", .string(content ?? "")))
        return .object(members)
    }

    // MARK: the program

    package var main: SourceFile { service.main }

    /// What the compiler compiles with `main`. Dictionaries and access lists are named in it, and their content is live.
    package var model: ServiceModel {
        var bare = service
        bare.dictionaries = []
        bare.acls = []
        var model = bare.partialModel()
        model.servedHere = true
        model.dictionaries = dictionaries.keys.filter { !accessLists.contains($0) }.sorted()
        model.accessLists = accessLists.sorted()
        return model
    }

    /// What edges are told.
    package var program: ServiceProgram {
        let model = model
        func source(_ file: SourceFile) -> ServiceProgram.Source {
            .init(name: file.name, text: String(decoding: file.bytes, as: UTF8.self))
        }
        return ServiceProgram(
            id: record.id, name: record.name, version: version, domains: domains, main: source(main),
            prelude: model.prelude.map(source), snippets: model.snippets.mapValues { $0.map(source) },
            includes: model.includes.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, text: String(decoding: $0.value.bytes, as: UTF8.self))
            }, dictionaries: dictionaries)
    }

    /// Lower case, as requests are matched.
    package var domains: [String] { service.domains.map { $0.name.lowercased() } }

    /// Why it could not go live, in Fastly's order: what is missing, references that lead nowhere, then what the compiler says.
    package var findings: (errors: [String], warnings: [String]) {
        var errors: [String] = domains.isEmpty ? ["the version has no domain"] : []
        errors += service.problems.map { failure in
            failure.message + (failure.hint.map { " (\($0))" } ?? "")
        }
        let compiler = Compiler(model: model)
        let program = compiler.compile(main)
        let placed = compiler.diagnostics.placed(in: compiler.sources)
        errors += placed.filter { $0.severity == .error }.map(\.described)
        if program == nil, errors.isEmpty { errors.append("the program does not compile") }
        return (errors, placed.filter { $0.severity != .error }.map(\.described))
    }

    /// Throws `Failure(.invalid)` with what is wrong.
    package func requireSound() throws {
        let errors = findings.errors
        guard let first = errors.first else { return }
        let more = errors.count > 1 ? "; and \(errors.count - 1) more" : ""
        throw Failure(
            .invalid, "version \(version) of '\(record.name)' is not valid: \(first)\(more)",
            hint: "GET /service/\(record.id)/version/\(version)/validate shows all")
    }
}

extension ServiceObjectRecord {
    /// Its content has no version.
    package var isDynamicSnippet: Bool {
        ["1", "true"].contains(body["dynamic"]?.string ?? "") || body["dynamic"] == .number("1")
            || body["dynamic"] == .bool(true)
    }
}

extension PlacedDiagnostic {
    /// `main.vcl:3:7: unknown variable 'req.ulr' [vcl/unknown-variable] (did you mean 'req.url'?)`
    fileprivate var described: String {
        let place = file.isEmpty ? "" : "\(file):\(line):\(column): "
        return "\(place)\(message) [\(rule)]" + (hint.map { " (\($0))" } ?? "")
    }
}

extension Services {
    /// What edges are told of services: the programs that are active, and the id of the campaign's own.
    package static func live(open: ServiceContents.Opener? = nil, in transaction: StoreTransaction) throws
        -> (
            programs: [ServiceProgram], campaign: String?
        )
    {
        let all = try list(in: transaction)
        let programs = all.compactMap { record -> ServiceProgram? in
            guard !record.isCampaign, let active = record.active else { return nil }
            // It was whole when it was activated, and nothing in it changes.
            return try? ServiceContents(active, of: record, open: open, in: transaction).program
        }
        return (programs, all.first(where: \.isCampaign)?.id)
    }
}
