import Dictionaries
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Services

/// What is no service's: the token that asks, what happened, and the edges' addresses.
enum AccountRoutes {
    static let all: [Route] = [
        Route("GET", "/tokens/self", .viewer) { call in try token(call) },
        Route("GET", "/verify", .viewer) { call in try verify(call) },
        Route("GET", "/current_user", .viewer) { call in
            Answer([
                "id": .string(call.asking.actor.name), "login": .string(call.asking.actor.name),
                "name": .string(call.asking.actor.name), "customer_id": "hq",
                "role": .string(call.asking.actor.role >= .operator ? "superuser" : "engineer"),
            ])
        },
        Route("GET", "/public-ip-list", .viewer) { call in
            let all = await call.source.publicAddresses()
            return Answer([
                "addresses": .array(all.filter { !$0.contains(":") }.map { .string($0) }),
                "ipv6_addresses": .array(all.filter { $0.contains(":") }.map { .string($0) }),
            ])
        },
        Route("GET", "/events", .viewer) { call in try events(call) },
        Route("GET", "/events/:event", .viewer) { call in
            let entry = try call.read { transaction in
                try Int64(call["event"]).flatMap { try Ledger.entry($0, in: transaction) }
            }
            guard let entry else { throw Failure(.notFound, "there is no event '\(call["event"])'") }
            return Answer(["data": event(entry)])
        },
    ]

    /// Who the key's owner is, and what services there are: what the `fastly` command's whoami asks.
    private static func verify(_ call: Call) throws -> Answer {
        let id = call.asking.token
        let name = call.asking.actor.name
        let (token, services) = try call.read { transaction in
            (
                try People.tokens(in: transaction).first { $0.id == id },
                try Services.list(in: transaction)
            )
        }
        return Answer([
            "customer": ["id": "hq", "name": "HQ"],
            "user": ["id": .string(name), "name": .string(name), "login": .string(name)],
            "services": .object(services.map { JSONMember($0.id, .string($0.name)) }),
            "token": [
                "id": .string("\(id)"), "name": .string(token?.label ?? ""), "scope": "global",
                "expires_at": .time(token?.expires),
            ],
        ])
    }

    private static func token(_ call: Call) throws -> Answer {
        let id = call.asking.token
        let found = try call.read { try People.tokens(in: $0).first { $0.id == id } }
        return Answer(
            .object([
                JSONMember("id", .string("\(id)")), JSONMember("name", .string(found?.label ?? "")),
                JSONMember("user_id", .string(call.asking.actor.name)), JSONMember("customer_id", "hq"),
                JSONMember("scope", call.asking.actor.role == .viewer ? "global:read" : "global"),
                JSONMember("services", .array([])), JSONMember("last_used_at", .time(call.now)),
                JSONMember("expires_at", .time(found?.expires)),
                JSONMember("ip", .string(call.request.clientAddress)),
                JSONMember("user_agent", .string(call.request.headers["user-agent"] ?? "")),
                JSONMember("deleted_at", .null),
            ]))
    }

    // MARK: events

    private static func events(_ call: Call) throws -> Answer {
        var filter = Ledger.Filter()
        filter.limit = FastlyLimits.events
        filter.person = call.request.query["filter[user_id]"]
        let entries = try call.read { [filter] in try Ledger.list(filter, in: $0) }
        let fitting = try entries.filter { try fits($0, call) }
        let page = try Page(call.request)
        let length = page.isWhole ? FastlyLimits.page : page.length
        let total = max(1, (fitting.count + length - 1) / length)
        let start = min((min(page.number, total + 1) - 1) * length, fitting.count)
        let shown = fitting[start..<min(start + length, fitting.count)]
        func link(_ number: Int) -> JSONValue {
            let host = call.request.headers["host"] ?? "localhost"
            return .string("http://\(host)/events?page[number]=\(number)&page[size]=\(length)")
        }
        return Answer(
            .object([
                JSONMember("data", .array(shown.map(event))),
                JSONMember(
                    "links",
                    .object([
                        JSONMember("first", link(1)), JSONMember("last", link(total)),
                        JSONMember("prev", page.number > 1 ? link(page.number - 1) : .null),
                        JSONMember("next", page.number < total ? link(page.number + 1) : .null),
                    ])),
                JSONMember(
                    "meta",
                    [
                        "current_page": .integer(page.number), "per_page": .integer(length),
                        "record_count": .integer(fitting.count), "total_pages": .integer(total),
                    ]),
            ]))
    }

    private static func fits(_ entry: LedgerEntry, _ call: Call) throws -> Bool {
        let query = call.request.query
        if let type = query["filter[event_type]"], type != self.type(of: entry) { return false }
        if let service = query["filter[service_id]"], service != self.service(of: entry) { return false }
        for (name, holds) in comparisons {
            guard let text = query["filter[created_at]" + name] else { continue }
            guard let time = try? Date(text, strategy: .iso8601) else {
                throw Failure(
                    .invalid, "'\(text.prefix(40))' is no time", hint: "write it as 2016-11-08T20:00:00Z")
            }
            if !holds(entry.at / 1000, Int64(time.timeIntervalSince1970)) { return false }
        }
        return true
    }

    private static let comparisons: [(String, @Sendable (Int64, Int64) -> Bool)] = [
        ("", { $0 == $1 }), ("[lt]", { $0 < $1 }), ("[lte]", { $0 <= $1 }), ("[gt]", { $0 > $1 }),
        ("[gte]", { $0 >= $1 }),
    ]

    /// The nearest of Fastly's types, outside of which its clients read none; what it is here stands in the metadata.
    static func type(of entry: LedgerEntry) -> String {
        guard let edit = entry.change.edits.first else { return type(ofRequest: entry.argv) }
        switch edit.kind {
        case Services.activeKind: return edit.after == nil ? "version.deactivate" : "version.activate"
        case "campaign.file": return "version.activate"
        case Dictionaries.kind, Services.snippetKind: return "service.update"
        case People.personKind:
            return edit.before == nil ? "user.create" : edit.after == nil ? "user.destroy" : "user.update"
        default: return "customer.update"
        }
    }

    /// Of what has no edits: the words are those of the request, or of the command.
    static func type(ofRequest argv: [String]) -> String {
        let words = argv.count > 2 ? argv[2].split(separator: "/") : []
        switch (argv.first, argv.count > 1 ? argv[1] : "", words.count) {
        case ("token", "create", _): return "token.create"
        case ("token", "revoke", _): return "token.destroy"
        case ("login", _, _): return "user.login"
        case ("purge", _, _): return argv.contains("--all") ? "service.purge_all" : "service.update"
        case ("fastly-api", "POST", 1) where words[0] == "service": return "service.create"
        case ("fastly-api", "DELETE", 2): return "service.delete"
        case ("fastly-api", "POST", 3) where words[2] == "version": return "version.create"
        case ("fastly-api", "POST", 3) where words[2] == "purge_all": return "service.purge_all"
        case ("fastly-api", "PUT", 5) where ["clone", "lock"].contains(words[4]): return "version.\(words[4])"
        case ("fastly-api", _, _): return "service.update"
        default: return "customer.update"
        }
    }

    /// `dict.entry`, or the words of a command without edits.
    private static func ownKind(of entry: LedgerEntry) -> String {
        entry.change.edits.first?.kind ?? entry.argv.prefix(2).joined(separator: " ")
    }

    private static func service(of entry: LedgerEntry) -> String {
        guard let edit = entry.change.edits.first,
            edit.kind == Services.activeKind || edit.kind == Services.snippetKind
        else {
            // A request's path says whose it was.
            let path = entry.argv.dropFirst(2).first?.split(separator: "/") ?? []
            return path.count > 1 && path[0] == "service" ? String(path[1]) : ""
        }
        return edit.path[0]
    }

    private static func event(_ entry: LedgerEntry) -> JSONValue {
        .object([
            JSONMember("id", .string("\(entry.number)")), JSONMember("type", "event"),
            JSONMember(
                "attributes",
                .object([
                    JSONMember("event_type", .string(type(of: entry))),
                    JSONMember("description", .string(entry.change.summary)),
                    JSONMember("user_id", .string(entry.actor.name)), JSONMember("customer_id", "hq"),
                    JSONMember("service_id", .string(service(of: entry))),
                    JSONMember("admin", .bool(entry.actor.role == .admin)),
                    JSONMember("created_at", .time(entry.at)),
                    JSONMember(
                        "metadata",
                        ["outcome": .string(entry.outcome.rawValue), "kind": .string(ownKind(of: entry))]),
                ])),
        ])
    }
}
