import Foundation
import HTTPKit
import Journey
import Kernel
import Services
import Store

/// Services: `/service`.
enum ServiceRoutes {
    static let all: [Route] = [
        Route("GET", "/service", .viewer) { call in
            _ = try await call.source.campaign()
            let page = try Page(call.request)
            let services = try call.read { transaction in
                try sorted(try Services.list(in: transaction), page).map { record in
                    try json(record, listed: true, in: transaction)
                }
            }
            return page.answer(services, call.request) { $0 }
        },
        Route("POST", "/service", .operator) { call in
            let name = try call.fields.required("name")
            let comment = try call.fields.text("comment") ?? ""
            if let type = try call.fields.text("type"), type != "vcl" {
                throw Failure(
                    .invalid, "there are no services of the type '\(type)' here", hint: "send type=vcl")
            }
            let now = call.now
            return try await call.draft("service '\(name)' made") { transaction in
                let record = try Services.create(name: name, comment: comment, now: now, in: transaction)
                return Answer(try json(record, in: transaction))
            }
        },
        Route("GET", "/service/search", .viewer) { call in
            let name = call.request.query["name"] ?? ""
            return try call.read { transaction in
                guard let record = try Services.service(named: name, in: transaction) else {
                    throw Failure(.notFound, "there is no service named '\(name)'")
                }
                return Answer(try json(record, in: transaction))
            }
        },
        Route("GET", "/service/:service", .viewer) { call in
            _ = try await call.source.campaign()
            return try call.read { Answer(try json(try Services.service(call.service, in: $0), in: $0)) }
        },
        Route("PUT", "/service/:service", .operator) { call in
            let name = try call.fields.text("name")
            if name != nil { try call.requireOwn("the name", "name") }
            let comment = try call.fields.text("comment")
            return try await call.draft("service \(call.service) described anew") { transaction in
                let record = try Services.update(
                    call.service, name: name, comment: comment, now: call.now, in: transaction)
                return Answer(try json(record, in: transaction))
            }
        },
        Route("DELETE", "/service/:service", .operator) { call in
            let record = try call.record()
            guard !record.isCampaign else {
                throw Failure(.forbidden, "the campaign's own program is no service to delete")
            }
            return try await call.draft("service '\(record.name)' deleted") { transaction in
                try Services.delete(call.service, in: transaction)
                return Answer.ok
            }
        },
        Route("GET", "/service/:service/details", .viewer) { call in try await details(call) },
        Route("GET", "/service/:service/domain", .viewer) { call in
            let objects = CampaignObjects(campaign: try await call.source.campaign().campaign)
            return try call.read { transaction in
                let record = try Services.service(call.service, in: transaction)
                let number = try shown(record, in: transaction)
                let domains = try ObjectRoutes.objects(.domain, number, record, objects, in: transaction)
                return Answer(.array(domains.map { ObjectKind.domain.json($0, record.id, number) }))
            }
        },
    ]

    private static func sorted(_ all: [ServiceRecord], _ page: Page) throws -> [ServiceRecord] {
        let up: [ServiceRecord]
        switch page.sort {
        case nil: return page.isDescending ? all.reversed() : all
        case "created"?, "created_at"?: up = all.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
        case "updated"?, "updated_at"?: up = all.sorted { ($0.updated, $0.name) < ($1.updated, $1.name) }
        case "name"?: up = all.sorted { $0.name < $1.name }
        case let other?:
            throw Failure(
                .invalid, "services are not sorted by '\(other)'", hint: "sort=name, created or updated")
        }
        return page.isDescending ? up.reversed() : up
    }

    /// The active version, else the latest.
    static func shown(_ record: ServiceRecord, in transaction: StoreTransaction) throws -> Int {
        try record.active ?? Services.versions(of: record.id, in: transaction).last?.number ?? 1
    }

    static func members(_ record: ServiceRecord) -> [JSONMember] {
        [
            JSONMember("id", .string(record.id)), JSONMember("name", .string(record.name)),
            JSONMember("comment", .string(record.comment)), JSONMember("customer_id", "hq"),
            JSONMember("type", "vcl"), JSONMember("paused", false),
            JSONMember("created_at", .time(record.created)), JSONMember("updated_at", .time(record.updated)),
            JSONMember("deleted_at", .null),
        ]
    }

    static func json(
        _ record: ServiceRecord, listed: Bool = false, in transaction: StoreTransaction
    ) throws -> JSONValue {
        let versions = try Services.versions(of: record.id, in: transaction).map {
            VersionRoutes.json($0, record)
        }
        var members = members(record)
        if listed { members.append(JSONMember("version", .integer(try shown(record, in: transaction)))) }
        return .object(members + [JSONMember("versions", .array(versions))])
    }

    private static func details(_ call: Call) async throws -> Answer {
        let objects = CampaignObjects(campaign: try await call.source.campaign().campaign)
        let wanted = call.request.query["version"].flatMap { Int($0) }
        return try call.read { transaction in
            let record = try Services.service(call.service, in: transaction)
            func version(_ number: Int) throws -> JSONValue {
                let version = try Services.version(number, of: record.id, in: transaction)
                var members = VersionRoutes.json(version, record).members
                for kind in ObjectKind.all where kind.path != "settings" {
                    let all = try ObjectRoutes.objects(kind, number, record, objects, in: transaction)
                    members.append(
                        JSONMember(kind.list, .array(all.map { kind.json($0, record.id, number) })))
                }
                let settings = try ObjectRoutes.settings(of: number, record, in: transaction)
                members.append(JSONMember("settings", ObjectKind.settings.json(settings, record.id, number)))
                return .object(members)
            }
            var members = try json(record, in: transaction).members
            members.append(JSONMember("active_version", try record.active.map(version) ?? .null))
            members.append(JSONMember("version", try version(wanted ?? shown(record, in: transaction))))
            return Answer(.object(members))
        }
    }
}
