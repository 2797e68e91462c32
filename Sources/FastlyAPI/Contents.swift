import CampaignFile
import Crypto
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Services
import Store

/// The dictionary behind an id of the path: one of a service, or one of the campaign file.
struct Contents: Sendable {
    let id: String
    let fullName: String
    let isSecret: Bool

    init(_ call: Call, kind: String) async throws {
        let campaign = try await call.source.campaign()
        id = call["dictionary"]
        guard campaign.service.id == call.service else {
            let found = try call.read {
                _ = try Services.service(call.service, in: $0)
                return try Services.dictionary(call["dictionary"], kind: kind, of: call.service, in: $0)
            }
            (fullName, isSecret) = (found.fullName, found.isWriteOnly)
            return
        }
        let own = campaign.campaign.dictionaries.first {
            CampaignObjects.id(of: $0.name) == call["dictionary"]
                && ($0.kind == .addresses) == (kind == "acl")
        }
        guard let own else {
            throw Failure(.notFound, "the campaign has no \(kind) with the id '\(call["dictionary"])'")
        }
        (fullName, isSecret) = (own.name, own.kind == .secrets)
    }

    struct Entry: Sendable {
        let key: String
        let value: String
        let created: Int64?
        let updated: Int64?
    }

    /// What `Edit.resource` of an entry begins with.
    private func resource(_ key: String) -> String {
        Edit(Dictionaries.kind, [fullName, key], before: nil, after: nil).resource
    }

    /// The entries of a page by key, with the times at which the ledger knows them to have been set; and how many there are in all.
    func entries(_ page: Page, in transaction: StoreTransaction) throws -> (shown: [Entry], total: Int) {
        let total = try Dictionaries.state(of: fullName, in: transaction).entries
        guard let offset = page.offset else { return ([], total) }
        let rows = try Dictionaries.page(
            of: fullName, offset: offset, limit: page.length, descending: page.isDescending, in: transaction)
        return (try timed(rows, in: transaction), total)
    }

    /// All of them. Throws `Failure(.invalid)` when they are more than a page may hold.
    func entries(in transaction: StoreTransaction) throws -> [Entry] {
        let total = try Dictionaries.state(of: fullName, in: transaction).entries
        guard total <= FastlyLimits.longestPage else {
            throw Failure(
                .invalid, "'\(fullName)' holds \(total) entries, which are listed by key alone",
                hint: "leave out 'sort', and ask for pages")
        }
        let rows = try Dictionaries.page(
            of: fullName, offset: 0, limit: total, descending: false, in: transaction)
        return try timed(rows, in: transaction)
    }

    private func timed(_ rows: [(key: String, value: String)], in transaction: StoreTransaction) throws
        -> [Entry]
    {
        guard let first = rows.first?.key, let last = rows.last?.key else { return [] }
        // Both are in the order of bytes, rows forwards or backwards.
        let isForwards = first.utf8.lexicographicallyPrecedes(last.utf8)
        let times = try Ledger.times(
            from: resource(isForwards ? first : last), through: resource(isForwards ? last : first),
            in: transaction)
        return rows.map { key, value in
            let time = times[resource(key)]
            return Entry(key: key, value: value, created: time?.first, updated: time?.last)
        }
    }

    /// Throws `Failure(.notFound)`.
    func entry(_ key: String, in transaction: StoreTransaction) throws -> Entry {
        guard let value = try Dictionaries.value(fullName, key, in: transaction) else {
            throw Failure(.notFound, "'\(fullName)' has no item '\(key)'")
        }
        return try timed([(key, value)], in: transaction)[0]
    }

    /// The keys whose ids are among `wanted`, by these.
    func keys(
        _ wanted: Set<String>, _ id: (String) -> String, in transaction: StoreTransaction
    ) throws -> [String: (key: String, value: String)] {
        var found: [String: (key: String, value: String)] = [:]
        guard !wanted.isEmpty else { return found }
        try Dictionaries.forEachEntry(of: fullName, in: transaction) { key, value in
            let own = id(key)
            if wanted.contains(own) { found[own] = (key, value) }
        }
        return found
    }

    /// How many entries there are, when the last was changed, and what tells their content from any other.
    func summary(in transaction: StoreTransaction) throws -> (count: Int, changed: Int64?, digest: String) {
        var digest = SHA256()
        try Dictionaries.forEachEntry(of: fullName, in: transaction) { key, value in
            digest.update(data: Array("\(key)\u{0}\(value)\u{0}".utf8))
        }
        return (
            try Dictionaries.state(of: fullName, in: transaction).entries,
            try Ledger.lastTime(touching: resource(""), in: transaction), digest.finalize().hexadecimal
        )
    }
}

/// One step of a batch.
struct BatchStep: Sendable {
    enum Operation: String, Sendable, CaseIterable { case create, update, upsert, delete }

    let operation: Operation
    let key: String
    /// Nil for one that goes.
    let value: String?

    /// All or none: throws what speaks against any of them. Empty when all is so already.
    static func wishes(
        _ steps: [BatchStep], _ contents: Contents, in transaction: StoreTransaction
    ) throws -> [Wish] {
        var wishes: [Wish] = []
        for step in steps {
            let now = try Dictionaries.value(contents.fullName, step.key, in: transaction)
            switch step.operation {
            case .create where now != nil:
                throw Failure(.conflict, "'\(contents.fullName)' has '\(step.key)' already")
            case .update where now == nil, .delete where now == nil:
                throw Failure(.notFound, "'\(contents.fullName)' has no '\(step.key)'")
            default: break
            }
            if now != step.value { wishes.append(Wish(contents.fullName, step.key, step.value)) }
        }
        return wishes
    }

    static func carryOut(_ steps: [BatchStep], _ contents: Contents, _ call: Call, named: String) async throws
    {
        let needed = try call.read { try wishes(steps, contents, in: $0) }
        guard !needed.isEmpty else { return }
        let seal = call.source.seal
        try await call.source.change(call.asking, needs: .editor) { transaction in
            try Dictionaries.planChangeSet(
                try wishes(steps, contents, in: transaction), named: named, seal: seal, in: transaction)
        }
    }

    static func requireBound(_ count: Int) throws {
        guard count <= FastlyLimits.batch else {
            throw Failure(
                .invalid, "a batch has \(FastlyLimits.batch) changes at most, this one \(count)",
                hint: "send it in parts")
        }
    }

    static func operation(_ json: JSONValue) throws -> Operation {
        let word = json["op"]?.string ?? ""
        guard let operation = Operation(rawValue: word) else {
            throw Failure(
                .invalid, "there is no operation '\(word)'",
                hint: "op is one of create, update, upsert, delete")
        }
        return operation
    }
}
