import Foundation
import HTTPKit
import Journey
import Kernel
import Services
import Store

/// Versions: `/service/:service/version`.
enum VersionRoutes {
    private static let path = "/service/:service/version"

    static let all: [Route] = [
        Route("GET", path, .viewer) { call in
            _ = try await call.source.campaign()
            return try call.read { transaction in
                let record = try Services.service(call.service, in: transaction)
                return Answer(
                    .array(try Services.versions(of: record.id, in: transaction).map { json($0, record) }))
            }
        },
        Route("POST", path, .operator) { call in
            guard try !call.record().isCampaign else {
                throw Failure(
                    .forbidden, "a version of the campaign's own program is made of one that is there",
                    hint: "PUT /service/\(call.service)/version/N/clone")
            }
            let comment = try call.fields.text("comment") ?? ""
            return try await change(call, "a version made") { transaction in
                try Services.createVersion(of: call.service, comment: comment, now: call.now, in: transaction)
            }
        },
        Route("GET", path + "/active", .viewer) { call in
            let record = try call.record()
            guard let active = record.active else { throw Failure(.notFound, "no version is active") }
            return try call.read {
                Answer(json(try Services.version(active, of: record.id, in: $0), record))
            }
        },
        Route("GET", path + "/:version", .viewer) { call in
            let number = try call.version
            return try call.read { transaction in
                let record = try Services.service(call.service, in: transaction)
                return Answer(json(try Services.version(number, of: record.id, in: transaction), record))
            }
        },
        Route("PUT", path + "/:version", .operator) { call in
            let number = try call.version
            let comment = try call.fields.text("comment")
            return try await change(call, nil) { transaction in
                guard let comment else {
                    return try Services.version(number, of: call.service, in: transaction)
                }
                return try Services.comment(
                    number, of: call.service, comment, now: call.now, in: transaction)
            }
        },
        Route("PUT", path + "/:version/clone", .operator) { call in
            let number = try call.version
            return try await change(call, "version \(number) cloned") { transaction in
                try Services.clone(number, of: call.service, now: call.now, in: transaction)
            }
        },
        Route("PUT", path + "/:version/lock", .operator) { call in
            let number = try call.version
            return try await change(call, "version \(number) locked") { transaction in
                try Services.lock(number, of: call.service, now: call.now, in: transaction)
            }
        },
        Route("PUT", path + "/:version/activate", .operator) { call in
            let number = try call.version
            // A second activation of what is active changes nothing, and is none of Fastly's errors either.
            if try call.record().active != number {
                try await call.source.activate(number, of: call.service, call.asking)
            }
            return try answer(call, number)
        },
        Route("PUT", path + "/:version/deactivate", .operator) { call in
            let number = try call.version
            try await call.source.deactivate(number, of: call.service, call.asking)
            return try answer(call, number)
        },
        Route("PUT", path + "/:version/activate/:environment", .operator) { _ in throw noEnvironment },
        Route("PUT", path + "/:version/deactivate/:environment", .operator) { _ in throw noEnvironment },
        Route("GET", path + "/:version/validate", .viewer) { call in try await validate(call) },
        Route("GET", "/service/:service/diff/from/:from/to/:to", .viewer) { call in
            try diff(call) { try VersionText.whole($0, of: $1, in: $2) }
        },
        Route("GET", "/service/:service/vcl/diff/from/:from/to/:to", .viewer) { call in
            try diff(call) { try VersionText.vcl($0, of: $1, in: $2) }
        },
    ]

    private static let noEnvironment = Failure(
        .unavailable, "there is no other environment than the one that visitors see",
        hint: "activate without an environment", context: ["status": "501"])

    private static func change(
        _ call: Call, _ summary: String?,
        _ body: @escaping @Sendable (StoreTransaction) throws -> ServiceVersion
    ) async throws -> Answer {
        let record = try call.record()
        let version = try await call.draft(summary.map { "\(record.name): \($0)" }, body)
        return Answer(json(version, record))
    }

    private static func answer(_ call: Call, _ number: Int) throws -> Answer {
        try call.read { transaction in
            let record = try Services.service(call.service, in: transaction)
            return Answer(json(try Services.version(number, of: record.id, in: transaction), record))
        }
    }

    static func json(_ version: ServiceVersion, _ record: ServiceRecord) -> JSONValue {
        .object([
            JSONMember("number", .integer(version.number)),
            JSONMember("service_id", .string(version.service)),
            JSONMember("active", .bool(record.active == version.number)),
            JSONMember("locked", .bool(version.isLocked)), JSONMember("deployed", false),
            JSONMember("staging", false), JSONMember("testing", false),
            JSONMember("comment", .string(version.comment)), JSONMember("environments", .array([])),
            JSONMember("created_at", .time(version.created)),
            JSONMember("updated_at", .time(version.updated)),
            JSONMember("deleted_at", .null),
        ])
    }

    // MARK: what it would be

    private static func validate(_ call: Call) async throws -> Answer {
        let number = try call.version
        let campaign = try await call.source.campaign()
        let findings: (errors: [String], warnings: [String])
        if campaign.service.id == call.service {
            _ = try call.read { try Services.version(number, of: call.service, in: $0) }
            findings = try await call.source.campaignFindings(number)
        } else {
            findings = try call.read { transaction in
                let record = try Services.service(call.service, in: transaction)
                return try ServiceContents(number, of: record, in: transaction).findings
            }
        }
        return Answer(
            .object([
                JSONMember("status", findings.errors.isEmpty ? "ok" : "error"),
                JSONMember("msg", findings.errors.first.map { .string($0) } ?? .null),
                JSONMember("errors", .array(findings.errors.map { .string($0) })),
                JSONMember("warnings", .array(findings.warnings.map { .string($0) })),
                JSONMember("messages", .array([])),
            ]))
    }

    private static func diff(
        _ call: Call, _ text: @Sendable (Int, ServiceRecord, StoreTransaction) throws -> String
    ) throws -> Answer {
        let (from, to) = (try call.number("from"), try call.number("to"))
        let format = call.request.query["format"] ?? "text"
        guard ["text", "html", "html_simple"].contains(format) else {
            throw Failure(.invalid, "there is no format '\(format)'", hint: "text, html or html_simple")
        }
        let texts = try call.read { transaction in
            let record = try Services.service(call.service, in: transaction)
            return (try text(from, record, transaction), try text(to, record, transaction))
        }
        let plain = LineDiff.unified(texts.0, texts.1, from: "version \(from)", to: "version \(to)")
        let shown = format == "text" ? plain : "<pre>\(VersionText.escaped(plain))</pre>"
        return Answer([
            "from": .integer(from), "to": .integer(to), "format": .string(format), "diff": .string(shown),
        ])
    }
}
