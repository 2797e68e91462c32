import CampaignFile
import Foundation
import Journey
import Kernel
import Services
import Store

/// Objects of a version, of whatever kind: `/service/:service/version/:version/KIND`.
enum ObjectRoutes {
    static let path = "/service/:service/version/:version/"

    static let all: [Route] =
        ObjectKind.all.filter { $0.path != "settings" }.flatMap(routes) + settings
        + directorBackends

    /// They come before the domains' own, whose names would take their words.
    static let domainChecks: [Route] = ["domain/check_all", "domain/:name/check"].map { last in
        Route("GET", path + last, .viewer) { _ in
            throw Failure(
                .unavailable, "HQ does not look up where the names of domains lead",
                hint: "ask the DNS: dig NAME", context: ["status": "501"])
        }
    }

    private static func routes(_ kind: ObjectKind) -> [Route] {
        let list = path + kind.path
        return [
            Route("GET", list, .viewer) { call in
                let page = try Page(call.request)
                let number = try call.version
                let all = try await read(call) { try objects(kind, number, $0, $1, in: $2) }
                return page.answer(all, call.request) { kind.json($0, call.service, number) }
            },
            Route("POST", list, .operator) { call in try await create(kind, call) },
            Route("GET", list + "/:name", .viewer) { call in
                let number = try call.version
                let found = try await read(call) { try object(kind, call["name"], number, $0, $1, in: $2) }
                return Answer(kind.json(found, call.service, number))
            },
            Route("PUT", list + "/:name", .operator) { call in try await update(kind, call) },
            Route("DELETE", list + "/:name", .operator) { call in
                try requireChangeable(kind, call)
                let number = try call.version
                return try await call.draft { transaction in
                    try Services.delete(
                        kind.path, call["name"], version: number, of: call.service, in: transaction)
                    return Answer.ok
                }
            },
        ]
    }

    // MARK: reading

    private static func read<T: Sendable>(
        _ call: Call,
        _ body: @Sendable (ServiceRecord, CampaignObjects, StoreTransaction) throws -> T
    ) async throws -> T {
        let objects = CampaignObjects(campaign: try await call.source.campaign().campaign)
        return try call.read { try body(try Services.service(call.service, in: $0), objects, $0) }
    }

    /// Of the campaign's own service what the campaign file has, where that decides.
    static func objects(
        _ kind: ObjectKind, _ number: Int, _ record: ServiceRecord, _ campaign: CampaignObjects,
        in transaction: StoreTransaction
    ) throws -> [ServiceObjectRecord] {
        _ = try Services.version(number, of: record.id, in: transaction)
        if record.isCampaign, let own = campaign.objects(kind) { return own }
        return try Services.objects(kind.path, version: number, of: record.id, in: transaction).map {
            try filled($0, record, in: transaction)
        }
    }

    private static func object(
        _ kind: ObjectKind, _ name: String, _ number: Int, _ record: ServiceRecord,
        _ campaign: CampaignObjects, in transaction: StoreTransaction
    ) throws -> ServiceObjectRecord {
        guard record.isCampaign, let own = campaign.objects(kind) else {
            return try filled(
                Services.object(kind.path, name, version: number, of: record.id, in: transaction), record,
                in: transaction)
        }
        _ = try Services.version(number, of: record.id, in: transaction)
        guard let found = own.first(where: { $0.name == name }) else {
            throw Failure(.notFound, "the campaign has no \(kind.path) '\(name)'")
        }
        return found
    }

    /// A version does not hold a dynamic snippet's content.
    private static func filled(
        _ object: ServiceObjectRecord, _ record: ServiceRecord, in transaction: StoreTransaction
    ) throws -> ServiceObjectRecord { object }

    // MARK: writing

    private static func requireChangeable(_ kind: ObjectKind, _ call: Call) throws {
        guard let key = kind.campaignKey else { return }
        guard try call.record().isCampaign else { return }
        guard key == "vcl" else { return try call.requireOwn("\(kind.path)s", key) }
        throw Failure(
            .forbidden, "the campaign's own program has no \(kind.path)s: it is its VCL alone",
            hint: "write it in VCL, or make a service of its own")
    }

    private static func create(_ kind: ObjectKind, _ call: Call) async throws -> Answer {
        try requireChangeable(kind, call)
        let (number, now) = (try call.version, call.now)
        let name = try call.fields.required("name")
        try requireName(name, kind)
        let body = try kind.sealed(kind.body(call.fields), call.source.seal)
        let taken = try await siteDomains(call)
        return try await call.draft { transaction in
            if kind.path == "domain" {
                try Services.requireFree(
                    domain: name, for: call.service, taken: Set(taken.map { $0.lowercased() }),
                    in: transaction)
            }
            let kept = kind.path == "snippet" ? SnippetRoutes.kept(body) : body
            var made = try Services.create(
                kind.path, name, kept, version: number, of: call.service, now: now, in: transaction)
            if kind.path == "snippet", made.isDynamicSnippet {
                try Services.setSnippetContent(
                    made.id, of: call.service, body["content"]?.string ?? "", now: now, in: transaction)
                made.body = body
            }
            try soleMain(kind, made, number, call.service, now: now, in: transaction)
            return Answer(kind.json(made, call.service, number))
        }
    }

    private static func update(_ kind: ObjectKind, _ call: Call) async throws -> Answer {
        try requireChangeable(kind, call)
        let (number, now) = (try call.version, call.now)
        let next = try call.fields.text("name") ?? call["name"]
        try requireName(next, kind)
        let fields = call.fields
        let seal = call.source.seal
        let taken = try await siteDomains(call)
        return try await call.draft { transaction in
            if kind.path == "domain" {
                try Services.requireFree(domain: next, for: call.service, taken: taken, in: transaction)
            }
            let old = try Services.object(
                kind.path, call["name"], version: number, of: call.service, in: transaction)
            if kind.path == "snippet", old.isDynamicSnippet, fields["content"] != nil {
                throw Failure(
                    .invalid, "the content of a dynamic snippet has no version",
                    hint: "PUT /service/\(call.service)/snippet/\(old.id)")
            }
            let body = try kind.sealed(kind.body(fields, after: old.body), seal)
            if kind.path == "dictionary", body != old.body {
                throw Failure(.invalid, "whether a dictionary is write-only is said when it is made")
            }
            let changed = try Services.update(
                kind.path, call["name"], to: body, named: next, version: number, of: call.service, now: now,
                in: transaction)
            try soleMain(kind, changed, number, call.service, now: now, in: transaction)
            return Answer(kind.json(changed, call.service, number))
        }
    }

    private static func siteDomains(_ call: Call) async throws -> Set<String> {
        Set(try await call.source.campaign().campaign.sites.flatMap(\.domains).map { $0.lowercased() })
    }

    /// Programs name dictionaries and ACLs; requests name domains.
    static func requireName(_ name: String, _ kind: ObjectKind) throws {
        if kind.path == "domain" {
            let labels = (name.hasPrefix("*.") ? name.dropFirst(2) : name[...]).split(
                separator: ".", omittingEmptySubsequences: false)
            let isHost = labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy {
                        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
                    }
            }
            guard isHost, name.count <= 253 else {
                throw Failure(
                    .invalid, "'\(name)' is no domain",
                    hint: "write www.example.com, or *.example.com for any name below")
            }
        }
        guard Services.dictionaryKinds.contains(kind.path) else { return }
        let isSound =
            name.first.map { $0.isASCII && $0.isLetter } == true
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == " ") }
        guard isSound else {
            throw Failure(
                .invalid, "'\(name)' is no name for a \(kind.path)",
                hint: "it begins with a letter; letters, digits, _ and spaces follow")
        }
    }

    /// One file is the main one: that another is made so takes it from the one before.
    static func soleMain(
        _ kind: ObjectKind, _ object: ServiceObjectRecord, _ number: Int, _ service: String, now: Int64,
        in transaction: StoreTransaction
    ) throws {
        guard kind.path == "vcl", object.body["main"] == .bool(true) else { return }
        for other in try Services.objects("vcl", version: number, of: service, in: transaction)
        where other.name != object.name && other.body["main"] == .bool(true) {
            let body = other.body.members.map { $0.name == "main" ? JSONMember("main", false) : $0 }
            _ = try Services.update(
                "vcl", other.name, to: .object(body), named: other.name, version: number, of: service,
                now: now, in: transaction)
        }
    }

    // MARK: settings

    private static let settings: [Route] = [
        Route("GET", path + "settings", .viewer) { call in
            let number = try call.version
            return try call.read { transaction in
                let record = try Services.service(call.service, in: transaction)
                return Answer(
                    ObjectKind.settings.json(
                        try settings(of: number, record, in: transaction), record.id, number))
            }
        },
        Route("PUT", path + "settings", .operator) { call in
            try requireChangeable(.settings, call)
            let number = try call.version
            let fields = call.fields
            return try await call.draft { transaction in
                let record = try Services.service(call.service, in: transaction)
                let old = try settings(of: number, record, in: transaction)
                let body = try ObjectKind.settings.body(fields, after: old.body)
                let changed =
                    old.created == 0
                    ? try Services.create(
                        "settings", "settings", body, version: number, of: record.id, now: call.now,
                        in: transaction)
                    : try Services.update(
                        "settings", "settings", to: body, named: "settings", version: number, of: record.id,
                        now: call.now, in: transaction)
                return Answer(ObjectKind.settings.json(changed, record.id, number))
            }
        },
    ]

    /// Fastly's defaults before anybody set any.
    static func settings(of number: Int, _ record: ServiceRecord, in transaction: StoreTransaction) throws
        -> ServiceObjectRecord
    {
        _ = try Services.version(number, of: record.id, in: transaction)
        return try Services.objects("settings", version: number, of: record.id, in: transaction).first
            ?? ServiceObjectRecord(
                kind: "settings", name: "settings", id: "", body: .object([]), created: 0, updated: 0)
    }

    // MARK: members of directors

    private static let member = path + "director/:name/backend/:backend"

    private static let directorBackends: [Route] = [
        Route("GET", member, .viewer) { call in
            let number = try call.version
            return try call.read { transaction in
                let director = try Services.object(
                    "director", call["name"], version: number, of: call.service, in: transaction)
                guard director.body["backends"]?.elements.contains(.string(call["backend"])) == true else {
                    throw Failure(
                        .notFound, "the director '\(call["name"])' has no backend '\(call["backend"])'")
                }
                return memberAnswer(call, number, director)
            }
        },
        Route("POST", member, .operator) { call in
            try await changeMembers(call) { members, name in
                guard !members.contains(name) else {
                    throw Failure(.conflict, "the director has the backend '\(name)' already")
                }
                return members + [name]
            }
        },
        Route("DELETE", member, .operator) { call in
            _ = try await changeMembers(call) { members, name in
                guard members.contains(name) else {
                    throw Failure(.notFound, "the director has no backend '\(name)'")
                }
                return members.filter { $0 != name }
            }
            return Answer.ok
        },
    ]

    private static func memberAnswer(_ call: Call, _ number: Int, _ director: ServiceObjectRecord) -> Answer {
        Answer(
            .object([
                JSONMember("director", .string(call["name"])),
                JSONMember("backend_name", .string(call["backend"])),
                JSONMember("service_id", .string(call.service)), JSONMember("version", .integer(number)),
                JSONMember("created_at", .time(director.created)),
                JSONMember("updated_at", .time(director.updated)), JSONMember("deleted_at", .null),
            ]))
    }

    private static func changeMembers(
        _ call: Call, _ change: @escaping @Sendable ([String], String) throws -> [String]
    ) async throws -> Answer {
        try requireChangeable(.director, call)
        let number = try call.version
        return try await call.draft { transaction in
            let old = try Services.object(
                "director", call["name"], version: number, of: call.service, in: transaction)
            _ = try Services.object(
                "backend", call["backend"], version: number, of: call.service, in: transaction)
            let members = (old.body["backends"]?.elements ?? []).compactMap(\.string)
            let next = try change(members, call["backend"])
            let body = try ObjectKind.director.body(
                Fields(["backends": .array(next.map { .string($0) })]), after: old.body)
            let changed = try Services.update(
                "director", call["name"], to: body, named: call["name"], version: number, of: call.service,
                now: call.now, in: transaction)
            return memberAnswer(call, number, changed)
        }
    }
}
