import Dictionaries
import Foundation
import Journey
import Kernel
import Services

/// Entries of ACLs, which have no version: `/service/:service/acl/:dictionary/entry`.
enum EntryRoutes {
    private static let path = "/service/:service/acl/:dictionary/"

    static let all: [Route] = [
        Route("GET", path + "entries", .viewer) { call in
            let contents = try await Contents(call, kind: "acl")
            let page = try Page(call.request)
            let (shown, total) = try call.read { try contents.entries(page, in: $0) }
            return page.answer(shown, of: total, call.request) { json($0, contents, call) }
        },
        Route("PATCH", path + "entries", .editor) { call in try await batch(call) },
        Route("POST", path + "entry", .editor) { call in
            let contents = try await Contents(call, kind: "acl")
            let given = JSONValue.object(call.fields.members.map { JSONMember($0.key, $0.value) })
            let address = try Address(given)
            try await BatchStep.carryOut(
                [.init(operation: .create, key: address.key, value: address.comment)], contents, call,
                named: "\(contents.fullName): \(address.key) added")
            return try answer(address.key, contents, call)
        },
        Route("GET", path + "entry/:entry", .viewer) { call in
            let contents = try await Contents(call, kind: "acl")
            return Answer(json(try find(call["entry"], contents, call), contents, call))
        },
        Route("PATCH", path + "entry/:entry", .editor) { call in
            let contents = try await Contents(call, kind: "acl")
            let old = try find(call["entry"], contents, call)
            let given = JSONValue.object(call.fields.members.map { JSONMember($0.key, $0.value) })
            let next = try Address(given, after: old)
            try await BatchStep.carryOut(
                steps(from: old.key, to: next), contents, call,
                named: "\(contents.fullName): \(old.key) changed")
            return try answer(next.key, contents, call)
        },
        Route("DELETE", path + "entry/:entry", .editor) { call in
            let contents = try await Contents(call, kind: "acl")
            let old = try find(call["entry"], contents, call)
            try await call.source.change(call.asking, needs: .editor) { transaction in
                try Dictionaries.planUnset(contents.fullName, old.key, in: transaction)
            }
            return Answer.ok
        },
    ]

    /// An address or network as the API has it, and as a key of a dictionary.
    struct Address: Sendable {
        let key: String
        let comment: String

        /// What `given` does not say is as it was.
        init(_ given: JSONValue, after old: Contents.Entry? = nil) throws {
            let fields = Fields(Dictionary(given.members.map { ($0.name, $0.value) }) { $1 })
            let before = old.map { Address.parts($0.key) }
            guard let address = try fields.text("ip") ?? before?.address, !address.isEmpty else {
                throw Failure(.invalid, "'ip' is missing", hint: "send an address such as 192.0.2.7")
            }
            let subnet = fields["subnet"] == nil ? before?.subnet : try fields.integer("subnet")
            let isNegated = try fields.flag("negated") ?? before?.isNegated ?? false
            let text = subnet.map { "\(address)/\($0)" } ?? address
            guard let range = AddressRange(text) else {
                throw Failure(
                    .invalid, "'\(text)' is no address and no network",
                    hint: "ip is an address, subnet the bits of its network: 0 to 32, or to 128")
            }
            key = (isNegated ? "!" : "") + range.description
            comment = try fields.text("comment") ?? old?.value ?? ""
        }

        static func parts(_ key: String) -> (address: String, subnet: Int?, isNegated: Bool) {
            let isNegated = key.hasPrefix("!")
            let parts = (isNegated ? key.dropFirst() : key[...]).split(separator: "/")
            return (String(parts.first ?? ""), parts.count > 1 ? Int(parts[1]) : nil, isNegated)
        }
    }

    /// Entries are told apart by what they hold, so that their ids need no table of their own.
    static func id(_ key: String, _ contents: Contents) -> String { ServiceID.of([contents.id, key]) }

    private static func json(_ entry: Contents.Entry, _ contents: Contents, _ call: Call) -> JSONValue {
        let parts = Address.parts(entry.key)
        return .object([
            JSONMember("id", .string(id(entry.key, contents))), JSONMember("acl_id", .string(contents.id)),
            JSONMember("service_id", .string(call.service)), JSONMember("ip", .string(parts.address)),
            JSONMember("subnet", parts.subnet.map { .integer($0) } ?? .null),
            JSONMember("negated", .integer(parts.isNegated ? 1 : 0)),
            JSONMember("comment", .string(entry.value)), JSONMember("created_at", .time(entry.created)),
            JSONMember("updated_at", .time(entry.updated)), JSONMember("deleted_at", .null),
        ])
    }

    private static func answer(_ key: String, _ contents: Contents, _ call: Call) throws -> Answer {
        Answer(json(try call.read { try contents.entry(key, in: $0) }, contents, call))
    }

    private static func find(_ id: String, _ contents: Contents, _ call: Call) throws -> Contents.Entry {
        let found = try call.read { transaction in
            try contents.keys([id], { self.id($0, contents) }, in: transaction)[id].map {
                try contents.entry($0.key, in: transaction)
            }
        }
        guard let found else {
            throw Failure(
                .notFound, "the ACL has no entry with the id '\(id)'",
                hint: "an entry whose address was changed has another id")
        }
        return found
    }

    private static func steps(from old: String, to next: Address) -> [BatchStep] {
        guard next.key != old else { return [.init(operation: .update, key: old, value: next.comment)] }
        return [
            .init(operation: .delete, key: old, value: nil),
            .init(operation: .create, key: next.key, value: next.comment),
        ]
    }

    private static func batch(_ call: Call) async throws -> Answer {
        let contents = try await Contents(call, kind: "acl")
        guard let given = call.fields["entries"]?.array else {
            throw Failure(
                .invalid, "'entries' is missing",
                hint: "send {\"entries\": [{\"op\": \"create\", \"ip\": \"192.0.2.0\", \"subnet\": 24}]}")
        }
        try BatchStep.requireBound(given.count)
        let ids = Set(given.compactMap { $0["id"]?.string })
        let known = try call.read { transaction in
            try contents.keys(ids, { id($0, contents) }, in: transaction).mapValues {
                Contents.Entry(key: $0.key, value: $0.value, created: nil, updated: nil)
            }
        }
        let steps = try given.flatMap { json -> [BatchStep] in
            let operation = try BatchStep.operation(json)
            if operation == .create || operation == .upsert {
                let address = try Address(json)
                return [.init(operation: operation, key: address.key, value: address.comment)]
            }
            guard let old = known[json["id"]?.string ?? ""] else {
                throw Failure(.notFound, "the ACL has no entry with the id '\(json["id"]?.string ?? "")'")
            }
            guard operation == .update else { return [.init(operation: .delete, key: old.key, value: nil)] }
            return self.steps(from: old.key, to: try Address(json, after: old))
        }
        try await BatchStep.carryOut(
            steps, contents, call, named: "\(contents.fullName): batch of \(given.count)")
        return Answer.ok
    }
}
