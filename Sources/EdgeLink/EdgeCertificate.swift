/// One certificate of an edge, as its operator sees it. Times are seconds since 1970.
package struct EdgeCertificate: Sendable, Codable, Equatable {
    /// DNS names, wildcards as they are.
    package let names: [String]
    package let issuer: String
    package let notAfter: Int64
    package let file: String
    /// Made by the edge itself, and believed by no client: an authority has not issued yet.
    package let isSelfMade: Bool
    /// When it is to be had anew from the authority; nil for one that somebody else keeps.
    package var renewal: Int64?
    /// Failures since it was had.
    package var failures = 0
    package var lastError: String?

    package init(names: [String], issuer: String, notAfter: Int64, file: String, isSelfMade: Bool) {
        self.names = names
        self.issuer = issuer
        self.notAfter = notAfter
        self.file = file
        self.isSelfMade = isSelfMade
    }
}
