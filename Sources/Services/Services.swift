import Foundation
import Kernel
package import Store

// Services, their versions and the objects of these, as the Fastly API has them. A version is a draft until it is locked or
// activated, and from then on never changes, so that its number says what it holds: an activation is a change of one number
// (Services+Activation). Objects are rows with the API's own JSON; what they mean is VCLService's affair.
//
// Dictionaries, ACLs and dynamic snippets have content without a version. Their containers are objects like all others, with
// an id that clones keep; the content of dictionaries and ACLs is the campaign's dictionaries' affair, by the full name.

/// The services of the Fastly API.
package enum Services {
    package static let migrations: [Migration] = [
        Migration(
            "service/1",
            """
            CREATE TABLE service_service (
                id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE, comment TEXT NOT NULL,
                campaign BIGINT NOT NULL, active BIGINT, created BIGINT NOT NULL, updated BIGINT NOT NULL);
            CREATE TABLE service_slug (slug TEXT PRIMARY KEY);
            CREATE TABLE service_version (
                service TEXT NOT NULL, number BIGINT NOT NULL, comment TEXT NOT NULL, locked BIGINT NOT NULL,
                created BIGINT NOT NULL, updated BIGINT NOT NULL, PRIMARY KEY (service, number));
            CREATE TABLE service_object (
                service TEXT NOT NULL, version BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
                body TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
                PRIMARY KEY (service, version, kind, name));
            CREATE TABLE service_dictionary (
                id TEXT PRIMARY KEY, service TEXT NOT NULL, kind TEXT NOT NULL, full_name TEXT NOT NULL UNIQUE,
                name TEXT NOT NULL, write_only BIGINT NOT NULL, created BIGINT NOT NULL);
            CREATE TABLE service_snippet (
                id TEXT PRIMARY KEY, service TEXT NOT NULL, content TEXT NOT NULL, created BIGINT NOT NULL,
                updated BIGINT NOT NULL);
            """)
    ]

    // MARK: services

    /// The campaign's own first, then by name.
    package static func list(in transaction: StoreTransaction) throws -> [ServiceRecord] {
        try transaction.rows("SELECT * FROM service_service ORDER BY campaign DESC, name").map(service)
    }

    /// Throws `Failure(.notFound)`.
    package static func service(_ id: String, in transaction: StoreTransaction) throws -> ServiceRecord {
        let row = try transaction.row("SELECT * FROM service_service WHERE id = ?", [.text(id)])
        guard let row else {
            throw Failure(.notFound, "there is no service '\(id)'", hint: "GET /service lists them")
        }
        return service(row)
    }

    package static func service(named name: String, in transaction: StoreTransaction) throws
        -> ServiceRecord?
    {
        try transaction.row("SELECT * FROM service_service WHERE name = ?", [.text(name)]).map(service)
    }

    private static func service(_ row: StoreRow) -> ServiceRecord {
        ServiceRecord(
            id: row.text("id"), name: row.text("name"), slug: row.text("slug"), comment: row.text("comment"),
            isCampaign: row.integer("campaign") != 0,
            active: row.optionalInteger("active").map { Int($0) }, created: row.integer("created"),
            updated: row.integer("updated"))
    }

    /// A service with an empty version 1. Throws `Failure(.conflict)` for a name that another has.
    package static func create(
        name: String, comment: String = "", isCampaign: Bool = false, id: String = ServiceID.new(),
        now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceRecord {
        try requireName(name, "a service")
        try requireComment(comment)
        try requireFree(name, in: transaction)
        guard try list(in: transaction).count < ServicesLimits.services else {
            throw Failure(
                .limit, "\(ServicesLimits.services) services is the most", hint: "delete one that is not used"
            )
        }
        let slug = try ServiceID.free(ServiceID.slug(name)) { slug in
            try transaction.row("SELECT slug FROM service_slug WHERE slug = ?", [.text(slug)]) != nil
        }
        // Taken for good: entries of dictionaries outlive the service whose name they bear.
        try transaction.execute("INSERT INTO service_slug VALUES (?)", [.text(slug)])
        try transaction.execute(
            "INSERT INTO service_service VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(id), .text(name), .text(slug), .text(comment), .integer(isCampaign ? 1 : 0), .null,
                .integer(now), .integer(now),
            ])
        _ = try insertVersion(of: id, 1, comment: "", now: now, in: transaction)
        return try service(id, in: transaction)
    }

    /// Nil leaves as it is.
    package static func update(
        _ id: String, name: String?, comment: String?, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceRecord {
        let old = try service(id, in: transaction)
        if let name, name != old.name {
            try requireName(name, "a service")
            try requireFree(name, in: transaction)
        }
        try requireComment(comment ?? "")
        try transaction.execute(
            "UPDATE service_service SET name = ?, comment = ?, updated = ? WHERE id = ?",
            [.text(name ?? old.name), .text(comment ?? old.comment), .integer(now), .text(id)])
        return try service(id, in: transaction)
    }

    /// With all its versions. One that is active answers visitors, and is refused.
    package static func delete(_ id: String, in transaction: StoreTransaction) throws {
        let old = try service(id, in: transaction)
        if let active = old.active {
            throw Failure(
                .invalid, "version \(active) of '\(old.name)' is active", hint: "deactivate it first")
        }
        for table in ["service_version", "service_object", "service_dictionary", "service_snippet"] {
            try transaction.execute("DELETE FROM \(table) WHERE service = ?", [.text(id)])
        }
        try transaction.execute("DELETE FROM service_service WHERE id = ?", [.text(id)])
    }

    // MARK: what holds for all

    private static func requireFree(_ name: String, in transaction: StoreTransaction) throws {
        guard try service(named: name, in: transaction) == nil else {
            throw Failure(.conflict, "there is a service '\(name)' already", hint: "choose another name")
        }
    }

    static func requireName(_ name: String, _ what: String) throws {
        guard !name.isEmpty, name.count <= ServicesLimits.nameCharacters,
            !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw Failure(
                .invalid,
                "the name of \(what) has 1 to \(ServicesLimits.nameCharacters) characters that can be seen",
                hint: "give it as 'name'")
        }
    }

    static func requireComment(_ comment: String) throws {
        guard comment.count <= ServicesLimits.commentCharacters else {
            throw Failure(
                .limit, "a comment has \(ServicesLimits.commentCharacters) characters at most")
        }
    }
}
