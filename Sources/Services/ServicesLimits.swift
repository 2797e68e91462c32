/// Bounds of services. Where Fastly has one, it is Fastly's, so that what fits here fits there.
package enum ServicesLimits {
    /// Services of one campaign; an edge compiles the active version of each.
    package static let services = 100
    /// Versions of one service. Fastly has no end; a service that is changed ten times a day for a year stays below.
    package static let versions = 5000
    /// Objects of one kind in one version; Fastly's most generous bound (conditions, headers) is a few hundred.
    package static let objects = 1000
    /// Characters of a name.
    package static let nameCharacters = 255
    /// Bytes of one object, which is as a rule one VCL file: Fastly takes a megabyte.
    package static let objectBytes = 1 << 20
    /// Characters of a comment.
    package static let commentCharacters = 2000
    /// Letters of the word that stands for a service in the names of its dictionaries.
    package static let slugLetters = 40
}
