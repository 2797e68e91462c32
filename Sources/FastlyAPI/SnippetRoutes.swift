import Foundation
import Journey
import Kernel
import Services

/// Dynamic snippets, whose content has no version: `/service/:service/snippet/:id`.
enum SnippetRoutes {
    private static let path = "/service/:service/snippet/:id"

    static let all: [Route] = [
        Route("GET", path, .viewer) { call in try answer(call) },
        Route("PUT", path, .operator) { call in
            let content = try call.fields.required("content")
            let old = try call.read {
                try Services.snippetContent(call["id"], of: call.service, in: $0).content
            }
            if old != content {
                try await call.source.change(call.asking, needs: .operator) { transaction in
                    try Services.planSnippet(call["id"], of: call.service, content, in: transaction)
                }
            }
            return try answer(call)
        },
    ]

    private static func answer(_ call: Call) throws -> Answer {
        let found = try call.read { try Services.snippetContent(call["id"], of: call.service, in: $0) }
        return Answer(
            .object([
                JSONMember("snippet_id", .string(call["id"])), JSONMember("id", .string(call["id"])),
                JSONMember("service_id", .string(call.service)), JSONMember("dynamic", "1"),
                JSONMember("content", .string(found.content)), JSONMember("created_at", .time(found.created)),
                JSONMember("updated_at", .time(found.updated)), JSONMember("deleted_at", .null),
            ]))
    }

    /// What a version holds of a snippet.
    static func kept(_ body: JSONValue) -> JSONValue {
        guard body["dynamic"] == "1" else { return body }
        return .object(body.members.map { $0.name == "content" ? JSONMember("content", .null) : $0 })
    }
}
