package import CampaignFile
import Kernel
package import Store

// What has no version: dictionaries and ACLs, which are the campaign's dictionaries under another name, and the content of
// dynamic snippets.
extension Services {
    // MARK: dictionaries and ACLs

    /// Another dictionary may have had the name in an earlier version; its entries are not this one's.
    static func createDictionary(
        _ id: String, _ kind: String, _ name: String, _ body: JSONValue, of service: String, now: Int64,
        in transaction: StoreTransaction
    ) throws {
        let slug = try self.service(service, in: transaction).slug
        let full = try ServiceID.free("\(slug)/\(name)") { full in
            try transaction.row("SELECT id FROM service_dictionary WHERE full_name = ?", [.text(full)]) != nil
        }
        let isWriteOnly = body["write_only"] == .bool(true)
        try transaction.execute(
            "INSERT INTO service_dictionary VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(id), .text(service), .text(kind), .text(full), .text(name),
                .integer(isWriteOnly ? 1 : 0), .integer(now),
            ])
    }

    package static func dictionaries(of service: String, in transaction: StoreTransaction) throws
        -> [ServiceDictionary]
    {
        try transaction.rows(
            "SELECT * FROM service_dictionary WHERE service = ? ORDER BY full_name", [.text(service)]
        ).map(dictionary)
    }

    /// Throws `Failure(.notFound)`, also for one of another service.
    package static func dictionary(
        _ id: String, kind: String, of service: String, in transaction: StoreTransaction
    ) throws -> ServiceDictionary {
        let row = try transaction.row(
            "SELECT * FROM service_dictionary WHERE id = ? AND kind = ? AND service = ?",
            [.text(id), .text(kind), .text(service)])
        guard let row else {
            throw Failure(.notFound, "the service has no \(kind) with the id '\(id)'")
        }
        return dictionary(row)
    }

    private static func dictionary(_ row: StoreRow) -> ServiceDictionary {
        ServiceDictionary(
            id: row.text("id"), service: row.text("service"), kind: row.text("kind"),
            fullName: row.text("full_name"), name: row.text("name"),
            isWriteOnly: row.integer("write_only") != 0, created: row.integer("created"))
    }

    /// What the campaign's dictionaries are told of those of a service.
    package static func declarations(of service: String, in transaction: StoreTransaction) throws
        -> [DictionaryDeclaration]
    {
        guard let owner = try? self.service(service, in: transaction) else { return [] }
        return try dictionaries(of: service, in: transaction).map { one in
            let kind: DictionaryKind = one.kind == "acl" ? .addresses : one.isWriteOnly ? .secrets : .plain
            return DictionaryDeclaration(
                name: one.fullName, about: "'\(one.name)' of the service '\(owner.name)'", kind: kind)
        }
    }

    // MARK: dynamic snippets

    /// An edit of it: path [service, snippet], the content before and after.
    package static let snippetKind = "service.snippet"

    package struct SnippetContent: Sendable, Hashable {
        package let content: String
        package let created: Int64
        package let updated: Int64
    }

    /// Throws `Failure(.notFound)`.
    package static func snippetContent(
        _ id: String, of service: String, in transaction: StoreTransaction
    ) throws -> SnippetContent {
        let row = try transaction.row(
            "SELECT * FROM service_snippet WHERE id = ? AND service = ?", [.text(id), .text(service)])
        guard let row else {
            throw Failure(
                .notFound, "the service has no dynamic snippet with the id '\(id)'",
                hint: "the ids stand in GET .../version/N/snippet, where dynamic is 1")
        }
        return SnippetContent(
            content: row.text("content"), created: row.integer("created"), updated: row.integer("updated"))
    }

    package static func setSnippetContent(
        _ id: String, of service: String, _ content: String, now: Int64, in transaction: StoreTransaction
    ) throws {
        guard content.utf8.count <= ServicesLimits.objectBytes else {
            throw Failure(.limit, "a snippet has at most \(ByteCount(ServicesLimits.objectBytes))")
        }
        let created = (try? snippetContent(id, of: service, in: transaction))?.created ?? now
        try transaction.execute("DELETE FROM service_snippet WHERE id = ?", [.text(id)])
        try transaction.execute(
            "INSERT INTO service_snippet VALUES (?, ?, ?, ?, ?)",
            [.text(id), .text(service), .text(content), .integer(created), .integer(now)])
    }

    package static func removeSnippetContent(_ id: String, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM service_snippet WHERE id = ?", [.text(id)])
    }
}
