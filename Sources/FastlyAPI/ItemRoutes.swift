import Dictionaries
import Foundation
import Journey
import Kernel
import Services

/// Items of dictionaries, which have no version: `/service/:service/dictionary/:dictionary/item`.
enum ItemRoutes {
    private static let path = "/service/:service/dictionary/:dictionary/"

    static let all: [Route] = [
        Route("GET", path + "items", .viewer) { call in
            let contents = try await readable(call)
            let page = try Page(call.request)
            guard let sort = page.sort, !["item_key", "key"].contains(sort) else {
                let (shown, total) = try call.read { try contents.entries(page, in: $0) }
                return page.answer(shown, of: total, call.request) { json($0, contents, call) }
            }
            var items = try call.read { try contents.entries(in: $0) }
            switch sort {
            case "created", "created_at": items.sort { ($0.created ?? 0) < ($1.created ?? 0) }
            case "updated", "updated_at": items.sort { ($0.updated ?? 0) < ($1.updated ?? 0) }
            default:
                throw Failure(
                    .invalid, "items are not sorted by '\(sort)'", hint: "sort=item_key, created or updated")
            }
            if page.isDescending { items.reverse() }
            return page.answer(items, call.request) { json($0, contents, call) }
        },
        Route("PATCH", path + "items", .editor) { call in try await batch(call) },
        Route("POST", path + "item", .editor) { call in
            let contents = try await Contents(call, kind: "dictionary")
            let key = try call.fields.required("item_key")
            return try await set(key, .create, contents, call)
        },
        Route("GET", path + "item/:key", .viewer) { call in
            let contents = try await readable(call)
            return Answer(json(try call.read { try contents.entry(call["key"], in: $0) }, contents, call))
        },
        Route("PUT", path + "item/:key", .editor) { call in
            try await set(call["key"], .upsert, try await Contents(call, kind: "dictionary"), call)
        },
        Route("PATCH", path + "item/:key", .editor) { call in
            try await set(call["key"], .update, try await Contents(call, kind: "dictionary"), call)
        },
        Route("DELETE", path + "item/:key", .editor) { call in
            let contents = try await Contents(call, kind: "dictionary")
            _ = try call.read { try contents.entry(call["key"], in: $0) }
            try await call.source.change(call.asking, needs: .editor) { transaction in
                try Dictionaries.planUnset(contents.fullName, call["key"], in: transaction)
            }
            return Answer.ok
        },
        Route("GET", ObjectRoutes.path + "dictionary/:dictionary/info", .viewer) { call in
            try await info(call)
        },
    ]

    private static func readable(_ call: Call) async throws -> Contents {
        let contents = try await Contents(call, kind: "dictionary")
        guard !contents.isSecret else {
            throw Failure(.forbidden, "the items of a write-only dictionary are not shown to anybody")
        }
        return contents
    }

    private static func json(_ entry: Contents.Entry, _ contents: Contents, _ call: Call) -> JSONValue {
        .object([
            JSONMember("dictionary_id", .string(contents.id)),
            JSONMember("service_id", .string(call.service)),
            JSONMember("item_key", .string(entry.key)),
            JSONMember("item_value", .string(contents.isSecret ? "" : entry.value)),
            JSONMember("created_at", .time(entry.created)), JSONMember("updated_at", .time(entry.updated)),
            JSONMember("deleted_at", .null),
        ])
    }

    private static func set(
        _ key: String, _ operation: BatchStep.Operation, _ contents: Contents, _ call: Call
    ) async throws -> Answer {
        guard let value = try call.fields.text("item_value") else {
            throw Failure(.invalid, "'item_value' is missing", hint: "send it in the body")
        }
        let before = try call.read { try Dictionaries.value(contents.fullName, key, in: $0) }
        switch operation {
        case .create where before != nil:
            throw Failure(
                .conflict, "the dictionary has an item '\(key)' already", hint: "PUT or PATCH changes it")
        case .update where before == nil:
            throw Failure(.notFound, "the dictionary has no item '\(key)'", hint: "POST or PUT makes it")
        default: break
        }
        if before != value {
            let seal = call.source.seal
            // What was found is what may be replaced: another's change in between is a conflict and not lost.
            try await call.source.change(call.asking, needs: .editor) { transaction in
                try Dictionaries.planSet(
                    contents.fullName, key, value, expected: before ?? "", seal: seal, in: transaction)
            }
        }
        return Answer(json(try call.read { try contents.entry(key, in: $0) }, contents, call))
    }

    private static func batch(_ call: Call) async throws -> Answer {
        let contents = try await Contents(call, kind: "dictionary")
        guard let items = call.fields["items"]?.array else {
            throw Failure(
                .invalid, "'items' is missing",
                hint:
                    "send {\"items\": [{\"op\": \"upsert\", \"item_key\": \"...\", \"item_value\": \"...\"}]}"
            )
        }
        try BatchStep.requireBound(items.count)
        let steps = try items.map { item in
            let operation = try BatchStep.operation(item)
            guard let key = item["item_key"]?.string else {
                throw Failure(.invalid, "an item of the batch has no 'item_key'")
            }
            let value = item["item_value"]?.string
            guard operation == .delete || value != nil else {
                throw Failure(.invalid, "'\(key)' has no 'item_value'")
            }
            return BatchStep(operation: operation, key: key, value: operation == .delete ? nil : value)
        }
        try await BatchStep.carryOut(
            steps, contents, call, named: "\(contents.fullName): batch of \(items.count)")
        return Answer.ok
    }

    private static func info(_ call: Call) async throws -> Answer {
        let contents = try await Contents(call, kind: "dictionary")
        let summary = try call.read { try contents.summary(in: $0) }
        return Answer([
            "item_count": .integer(summary.count), "last_updated": .time(summary.changed ?? 0),
            "digest": .string(summary.digest),
        ])
    }
}
