package import Journey
import Kernel
package import Store

// A version that is active, or has been, never changes: its number says what it holds. So an activation is an edit of one number,
// and its undo the activation of the version before.
extension Services {
    /// An edit of it: path [service], the numbers of the active version before and after.
    package static let activeKind = "service.active"

    package static func planActivate(
        _ number: Int, of id: String, taken: Set<String>, in transaction: StoreTransaction
    ) throws -> Change {
        let record = try service(id, in: transaction)
        let contents = try ServiceContents(number, of: record, in: transaction)
        guard record.active != number else {
            throw Failure(
                .conflict, "version \(number) of '\(record.name)' is active already",
                hint: "nothing to change")
        }
        try contents.requireSound()
        for domain in contents.domains {
            try requireFree(domain: domain, for: id, taken: taken, in: transaction)
        }
        return change(record, to: number)
    }

    package static func planDeactivate(
        _ number: Int, of id: String, in transaction: StoreTransaction
    ) throws -> Change {
        let record = try service(id, in: transaction)
        _ = try version(number, of: id, in: transaction)
        guard record.active == number else {
            throw Failure(.invalid, "version \(number) of '\(record.name)' is not active")
        }
        return change(record, to: nil)
    }

    private static func change(_ record: ServiceRecord, to number: Int?) -> Change {
        let was = record.active.map { " (was \($0))" } ?? ""
        return Change(
            summary: number.map { "\(record.name): version \($0) activated\(was)" }
                ?? "\(record.name): deactivated\(was)",
            edits: [
                Edit(
                    activeKind, [record.id], before: record.active.map(String.init),
                    after: number.map(String.init))
            ])
    }

    /// A dynamic snippet's new content, which is live at once where a version that is active has the snippet.
    package static func planSnippet(
        _ id: String, of service: String, _ content: String, in transaction: StoreTransaction
    ) throws -> Change {
        let record = try self.service(service, in: transaction)
        let old = try snippetContent(id, of: service, in: transaction).content
        guard old != content else {
            throw Failure(.conflict, "the snippet's content is that already", hint: "nothing to change")
        }
        if let active = record.active {
            try ServiceContents(active, of: record, replacing: (id, content), in: transaction).requireSound()
        }
        let name = try snippetName(id, of: record, in: transaction)
        return Change(
            summary: "\(record.name): dynamic snippet \(name) changed",
            edits: [Edit(snippetKind, [service, id], before: old, after: content)])
    }

    private static func snippetName(
        _ id: String, of record: ServiceRecord, in transaction: StoreTransaction
    ) throws -> String {
        try transaction.row(
            """
            SELECT name FROM service_object WHERE service = ? AND kind = 'snippet' AND id = ?
            ORDER BY version DESC LIMIT 1
            """,
            [.text(record.id), .text(id)])?.text("name") ?? id
    }

    // MARK: domains

    /// A domain leads to one program. `taken` are those of the campaign's sites. Throws `Failure(.conflict)`.
    package static func requireFree(
        domain: String, for service: String, taken: Set<String>, in transaction: StoreTransaction
    ) throws {
        let domain = domain.lowercased()
        // A wildcard would come before the sites below it.
        let ending = domain.hasPrefix("*.") ? domain.dropFirst() : nil
        if let site = taken.sorted().first(where: { site in
            site == domain || ending.map(site.hasSuffix) == true
        }) {
            throw Failure(
                .conflict, "the domain '\(site)' is taken by a site of the campaign",
                hint: "it is changed in campaign.yaml, under sites")
        }
        for other in try list(in: transaction) where other.id != service {
            guard let active = other.active else { continue }
            let own = try objects("domain", version: active, of: other.id, in: transaction)
            guard own.contains(where: { $0.name.lowercased() == domain }) else { continue }
            throw Failure(
                .conflict, "the domain '\(domain)' is taken by the service '\(other.name)'",
                hint: "remove it from a version of that service, and activate that, first")
        }
    }

    // MARK: applying

    package static func current(_ edit: Edit, in transaction: StoreTransaction) throws -> String? {
        if edit.kind == activeKind {
            return try service(edit.path[0], in: transaction).active.map(String.init)
        }
        return try snippetContent(edit.path[1], of: edit.path[0], in: transaction).content
    }

    /// Also when it is undone: another service may have taken a domain meanwhile.
    package static func apply(_ edit: Edit, now: Int64, in transaction: StoreTransaction) throws {
        guard edit.kind == activeKind else {
            return try setSnippetContent(
                edit.path[1], of: edit.path[0], edit.after ?? "", now: now, in: transaction)
        }
        let id = edit.path[0]
        let number = edit.after.flatMap { Int($0) }
        if let number {
            for domain in try objects("domain", version: number, of: id, in: transaction) {
                try requireFree(domain: domain.name, for: id, taken: [], in: transaction)
            }
            _ = try lock(number, of: id, now: now, in: transaction)
        }
        try setActive(number, of: id, now: now, in: transaction)
    }

    package static func setActive(
        _ number: Int?, of id: String, now: Int64, in transaction: StoreTransaction
    ) throws {
        try transaction.execute(
            "UPDATE service_service SET active = ?, updated = ? WHERE id = ?",
            [StoreValue(number.map { Int64($0) }), .integer(now), .text(id)])
    }
}
