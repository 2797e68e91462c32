import Foundation
package import Kernel
package import Store

extension Services {
    /// Kinds whose objects have an id that all versions share.
    package static let identified: Set<String> = ["dictionary", "acl", "snippet", "rate-limiters"]
    /// Kinds whose content is that of a dictionary of the campaign.
    package static let dictionaryKinds: Set<String> = ["dictionary", "acl"]

    // MARK: reading

    /// By the time at which they were made, then by name, as Fastly lists them: the first backend is the default one.
    package static func objects(
        _ kind: String, version: Int, of service: String, in transaction: StoreTransaction
    ) throws -> [ServiceObjectRecord] {
        try transaction.rows(
            """
            SELECT * FROM service_object WHERE service = ? AND version = ? AND kind = ?
            ORDER BY created, name
            """,
            [.text(service), .integer(Int64(version)), .text(kind)]
        ).map(object)
    }

    /// Everything that the version holds, by kind.
    package static func objects(
        version: Int, of service: String, in transaction: StoreTransaction
    ) throws -> [String: [ServiceObjectRecord]] {
        let rows = try transaction.rows(
            "SELECT * FROM service_object WHERE service = ? AND version = ? ORDER BY created, name",
            [.text(service), .integer(Int64(version))])
        return Dictionary(grouping: rows.map(object), by: \.kind)
    }

    /// Throws `Failure(.notFound)`.
    package static func object(
        _ kind: String, _ name: String, version: Int, of service: String, in transaction: StoreTransaction
    ) throws -> ServiceObjectRecord {
        _ = try self.version(version, of: service, in: transaction)
        let row = try transaction.row(
            "SELECT * FROM service_object WHERE service = ? AND version = ? AND kind = ? AND name = ?",
            [.text(service), .integer(Int64(version)), .text(kind), .text(name)])
        guard let row else {
            let names = try objects(kind, version: version, of: service, in: transaction).map(\.name)
            throw Failure(
                .notFound, "version \(version) has no \(kind) '\(name)'",
                hint: nearest(name, among: names).map { "did you mean '\($0)'?" })
        }
        return object(row)
    }

    private static func object(_ row: StoreRow) -> ServiceObjectRecord {
        ServiceObjectRecord(
            kind: row.text("kind"), name: row.text("name"), id: row.text("id"),
            body: (try? JSONReader.read(Array(row.text("body").utf8), name: row.text("name"))) ?? .object([]),
            created: row.integer("created"), updated: row.integer("updated"))
    }

    /// Where the object with this id stands in the newest version that has it. Throws `Failure(.notFound)`.
    package static func place(of id: String, kind: String, in transaction: StoreTransaction) throws -> (
        service: String, version: Int, name: String
    ) {
        let row = try transaction.row(
            "SELECT service, version, name FROM service_object WHERE kind = ? AND id = ? ORDER BY version DESC LIMIT 1",
            [.text(kind), .text(id)])
        guard let row else { throw Failure(.notFound, "there is no \(kind) with the id '\(id)'") }
        return (row.text("service"), Int(row.integer("version")), row.text("name"))
    }

    // MARK: writing

    /// Throws `Failure(.conflict)` for a name that is there, `Failure(.refused)` for a version that is no draft.
    package static func create(
        _ kind: String, _ name: String, _ body: JSONValue, version: Int, of service: String,
        id wanted: String? = nil, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceObjectRecord {
        try requireDraft(version, of: service, in: transaction)
        try requireName(name, "a \(kind)")
        let others = try objects(kind, version: version, of: service, in: transaction)
        guard !others.contains(where: { $0.name == name }) else {
            throw Failure(
                .conflict, "version \(version) has a \(kind) '\(name)' already", hint: "PUT changes it")
        }
        guard others.count < ServicesLimits.objects else {
            throw Failure(.limit, "a version has \(ServicesLimits.objects) objects of a kind at most")
        }
        let id = identified.contains(kind) ? wanted ?? ServiceID.new() : ""
        if dictionaryKinds.contains(kind) {
            try createDictionary(id, kind, name, body, of: service, now: now, in: transaction)
        }
        try insert(
            ServiceObjectRecord(kind: kind, name: name, id: id, body: body, created: now, updated: now),
            version, service, in: transaction)
        return try object(kind, name, version: version, of: service, in: transaction)
    }

    /// The body replaces the one before; the object may have another name then.
    package static func update(
        _ kind: String, _ name: String, to body: JSONValue, named next: String, version: Int,
        of service: String, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceObjectRecord {
        try requireDraft(version, of: service, in: transaction)
        try requireName(next, "a \(kind)")
        var changed = try object(kind, name, version: version, of: service, in: transaction)
        if next != name {
            let others = try objects(kind, version: version, of: service, in: transaction)
            guard !others.contains(where: { $0.name == next }) else {
                throw Failure(.conflict, "version \(version) has a \(kind) '\(next)' already")
            }
        }
        try remove(kind, name, version, service, in: transaction)
        changed.name = next
        changed.body = body
        changed.updated = now
        try insert(changed, version, service, in: transaction)
        return try object(kind, next, version: version, of: service, in: transaction)
    }

    package static func delete(
        _ kind: String, _ name: String, version: Int, of service: String, in transaction: StoreTransaction
    ) throws {
        try requireDraft(version, of: service, in: transaction)
        _ = try object(kind, name, version: version, of: service, in: transaction)
        try remove(kind, name, version, service, in: transaction)
    }

    private static func remove(
        _ kind: String, _ name: String, _ version: Int, _ service: String, in transaction: StoreTransaction
    ) throws {
        try transaction.execute(
            "DELETE FROM service_object WHERE service = ? AND version = ? AND kind = ? AND name = ?",
            [.text(service), .integer(Int64(version)), .text(kind), .text(name)])
    }

    private static func insert(
        _ object: ServiceObjectRecord, _ version: Int, _ service: String, in transaction: StoreTransaction
    ) throws {
        let text = object.body.text
        guard text.utf8.count <= ServicesLimits.objectBytes else {
            throw Failure(
                .limit,
                "\(object.kind) '\(object.name)' has more than \(ByteCount(ServicesLimits.objectBytes))",
                hint: "split it")
        }
        try transaction.execute(
            "INSERT INTO service_object VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(service), .integer(Int64(version)), .text(object.kind), .text(object.name),
                .text(object.id), .text(text), .integer(object.created), .integer(object.updated),
            ])
    }
}
