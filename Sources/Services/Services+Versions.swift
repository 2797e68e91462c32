import Kernel
package import Store

extension Services {
    /// By number.
    package static func versions(of service: String, in transaction: StoreTransaction) throws
        -> [ServiceVersion]
    {
        try transaction.rows(
            "SELECT * FROM service_version WHERE service = ? ORDER BY number", [.text(service)]
        ).map(version)
    }

    /// Throws `Failure(.notFound)`.
    package static func version(_ number: Int, of service: String, in transaction: StoreTransaction) throws
        -> ServiceVersion
    {
        let row = try transaction.row(
            "SELECT * FROM service_version WHERE service = ? AND number = ?",
            [.text(service), .integer(Int64(number))])
        guard let row else {
            throw Failure(
                .notFound, "the service has no version \(number)",
                hint: "GET /service/\(service)/version lists them")
        }
        return version(row)
    }

    private static func version(_ row: StoreRow) -> ServiceVersion {
        ServiceVersion(
            service: row.text("service"), number: Int(row.integer("number")), comment: row.text("comment"),
            isLocked: row.integer("locked") != 0, created: row.integer("created"),
            updated: row.integer("updated"))
    }

    static func insertVersion(
        of service: String, _ number: Int, comment: String, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceVersion {
        guard number <= ServicesLimits.versions else {
            throw Failure(
                .limit, "a service has \(ServicesLimits.versions) versions at most",
                hint: "make a new service of the last one")
        }
        try transaction.execute(
            "INSERT INTO service_version VALUES (?, ?, ?, 0, ?, ?)",
            [
                .text(service), .integer(Int64(number)), .text(comment), .integer(now), .integer(now),
            ])
        return try version(number, of: service, in: transaction)
    }

    private static func nextNumber(of service: String, in transaction: StoreTransaction) throws -> Int {
        let row = try transaction.row(
            "SELECT MAX(number) AS last FROM service_version WHERE service = ?", [.text(service)])
        return Int(row?.integer("last") ?? 0) + 1
    }

    /// An empty one, with the next number.
    package static func createVersion(
        of service: String, comment: String = "", now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceVersion {
        _ = try self.service(service, in: transaction)
        try requireComment(comment)
        return try insertVersion(
            of: service, try nextNumber(of: service, in: transaction), comment: comment, now: now,
            in: transaction)
    }

    /// A draft with everything that `number` holds, and the next number.
    package static func clone(
        _ number: Int, of service: String, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceVersion {
        let old = try version(number, of: service, in: transaction)
        let next = try insertVersion(
            of: service, try nextNumber(of: service, in: transaction), comment: old.comment, now: now,
            in: transaction)
        try transaction.execute(
            """
            INSERT INTO service_object (service, version, kind, name, id, body, created, updated)
            SELECT service, ?, kind, name, id, body, created, updated FROM service_object
            WHERE service = ? AND version = ?
            """,
            [.integer(Int64(next.number)), .text(service), .integer(Int64(number))])
        return next
    }

    /// A comment may be changed at any time: it is about the version, not in it.
    package static func comment(
        _ number: Int, of service: String, _ comment: String, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceVersion {
        _ = try version(number, of: service, in: transaction)
        try requireComment(comment)
        try transaction.execute(
            "UPDATE service_version SET comment = ?, updated = ? WHERE service = ? AND number = ?",
            [.text(comment), .integer(now), .text(service), .integer(Int64(number))])
        return try version(number, of: service, in: transaction)
    }

    /// From here on nothing in it changes.
    package static func lock(
        _ number: Int, of service: String, now: Int64, in transaction: StoreTransaction
    ) throws -> ServiceVersion {
        let old = try version(number, of: service, in: transaction)
        guard !old.isLocked else { return old }
        try transaction.execute(
            "UPDATE service_version SET locked = 1, updated = ? WHERE service = ? AND number = ?",
            [.integer(now), .text(service), .integer(Int64(number))])
        return try version(number, of: service, in: transaction)
    }

    /// Throws `Failure(.refused)` for a version that is locked or has been active.
    static func requireDraft(_ number: Int, of service: String, in transaction: StoreTransaction) throws {
        guard try version(number, of: service, in: transaction).isLocked else { return }
        throw Failure(
            .refused, "version \(number) is locked",
            hint: "PUT .../version/\(number)/clone makes a draft of it",
            context: ["status": "422"])
    }
}
