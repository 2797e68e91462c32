import Diagnostics
import Foundation
import Journey
import Kernel
import Services
import Store
import VCLRuntime
import VCLService

/// What there is of VCL files beyond their being objects.
enum VCLRoutes {
    private static let path = ObjectRoutes.path

    /// They come before the objects' own routes, whose names would take their words.
    static let all: [Route] = [
        Route("PUT", path + "vcl/:name/main", .operator) { call in
            let number = try call.version
            guard try !call.record().isCampaign else {
                throw Failure(
                    .forbidden, "which file is the campaign's main program is said in campaign.yaml",
                    hint: "change edge: vcl: there, and run: hq reload")
            }
            return try await call.draft { transaction in
                let old = try Services.object(
                    "vcl", call["name"], version: number, of: call.service, in: transaction)
                let body = try ObjectKind.vcl.body(Fields(["main": true]), after: old.body)
                let changed = try Services.update(
                    "vcl", call["name"], to: body, named: call["name"], version: number, of: call.service,
                    now: call.now, in: transaction)
                try ObjectRoutes.soleMain(
                    .vcl, changed, number, call.service, now: call.now, in: transaction)
                return Answer(ObjectKind.vcl.json(changed, call.service, number))
            }
        },
        Route("GET", path + "vcl/:name/download", .viewer) { call in
            Answer(text: try content(call))
        },
        Route("GET", path + "vcl/:name/content", .viewer) { call in
            Answer(["content": .string("<pre>\(VersionText.escaped(try content(call)))</pre>")])
        },
        Route("GET", path + "generated_vcl", .viewer) { call in
            let number = try call.version
            return Answer(
                .object([
                    JSONMember("name", "generated"), JSONMember("content", .string(try generated(call))),
                    JSONMember("main", false), JSONMember("service_id", .string(call.service)),
                    JSONMember("version", .integer(number)),
                ]))
        },
        Route("GET", path + "generated_vcl/content", .viewer) { call in
            Answer(["content": .string("<pre>\(VersionText.escaped(try generated(call)))</pre>")])
        },
        Route("GET", path + "boilerplate", .viewer) { call in
            let number = try call.version
            _ = try call.read { try Services.version(number, of: call.service, in: $0) }
            return Answer(text: String(decoding: FastlyService().main.bytes, as: UTF8.self))
        },
        Route("POST", "/vcl_lint", .viewer) { call in lint(try call.fields.required("vcl"), nil) },
        Route("POST", "/service/:service/lint", .viewer) { call in
            let record = try call.record()
            let text = try call.fields.required("vcl")
            guard !record.isCampaign else { return lint(text, nil) }
            return try call.read { transaction in
                let number = try ServiceRoutes.shown(record, in: transaction)
                return lint(text, try ServiceContents(number, of: record, in: transaction).model)
            }
        },
    ]

    private static func content(_ call: Call) throws -> String {
        let number = try call.version
        return try call.read {
            try Services.object("vcl", call["name"], version: number, of: call.service, in: $0)
        }.body["content"]?.string ?? ""
    }

    private static func generated(_ call: Call) throws -> String {
        let number = try call.version
        return try call.read { transaction in
            let record = try Services.service(call.service, in: transaction)
            return VersionText.generated(try ServiceContents(number, of: record, in: transaction))
        }
    }

    /// A program that is not one of a version yet; without its service, what it names may be there.
    private static func lint(_ text: String, _ service: ServiceModel?) -> Answer {
        var model = service ?? ServiceModel()
        if service == nil { model.isPartial = true }
        let compiler = Compiler(model: model)
        _ = compiler.compile(SourceFile(name: "main", text: text))
        let found = compiler.diagnostics.placed(in: compiler.sources)
        let isSound = !found.contains { $0.severity == .error }
        func texts(_ wanted: Bool) -> JSONValue {
            .array(found.filter { ($0.severity == .error) == wanted }.map { .string($0.message) })
        }
        let messages: [JSONValue] = found.map { one in
            .object([
                JSONMember("type", one.severity == .error ? "ERROR" : "WARNING"),
                JSONMember("warning", .bool(one.severity != .error)),
                JSONMember("message", .string("\(one.line):\(one.column): \(one.message)")),
                JSONMember("tokens", .array([])),
            ])
        }
        let attributes = JSONValue.object([
            JSONMember("status", isSound ? "ok" : "error"),
            JSONMember("msg", found.first.map { .string($0.message) } ?? .null),
            JSONMember("errors", texts(true)), JSONMember("warnings", texts(false)),
            JSONMember("messages", .array(messages)),
        ])
        return Answer([
            "data": .object([JSONMember("type", "validator"), JSONMember("attributes", attributes)])
        ])
    }
}
