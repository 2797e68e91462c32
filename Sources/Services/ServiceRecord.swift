package import Kernel

/// A service as the Fastly API knows it: a name, and versions of which one may be active.
package struct ServiceRecord: Sendable, Hashable {
    package let id: String
    package var name: String
    /// What the names of its dictionaries begin with; never changes.
    package let slug: String
    package var comment: String
    /// It is the campaign's own program, whose structure belongs to the campaign file.
    package let isCampaign: Bool
    package var active: Int?
    /// Milliseconds since 1970, like all times here.
    package let created: Int64
    package var updated: Int64
}

package struct ServiceVersion: Sendable, Hashable {
    package let service: String
    package let number: Int
    package var comment: String
    /// Nothing in it changes any more: it was locked, or has been active once.
    package var isLocked: Bool
    package let created: Int64
    package var updated: Int64
}

/// One object of a version: a backend, a VCL file, a dictionary's container.
package struct ServiceObjectRecord: Sendable, Hashable {
    /// The word of the API's path: `backend`, `vcl`, `dictionary`.
    package let kind: String
    package var name: String
    /// Empty for kinds that the API knows by name alone. The same in all versions that were cloned from each other.
    package let id: String
    /// The API's fields.
    package var body: JSONValue
    package let created: Int64
    package var updated: Int64

    package init(kind: String, name: String, id: String, body: JSONValue, created: Int64, updated: Int64) {
        self.kind = kind
        self.name = name
        self.id = id
        self.body = body
        self.created = created
        self.updated = updated
    }
}

/// A dictionary or ACL, which is one and the same in all versions of its service: its entries have none.
package struct ServiceDictionary: Sendable, Hashable {
    package let id: String
    package let service: String
    /// `dictionary` or `acl`.
    package let kind: String
    /// What it is called outside of its service: `SLUG/NAME`.
    package let fullName: String
    /// What it was called when it was made.
    package let name: String
    package let isWriteOnly: Bool
    package let created: Int64
}
