package import Kernel

extension Campaign {
    /// `edge: tls:`, where and how the edge speaks TLS.
    package struct TLS: Sendable, Hashable {
        /// Never empty.
        package var listen: [HostPort] = []
        /// In the order of the file: the first serves who asks for no name or for another.
        package var certificates: [Certificate] = []
        /// Folders whose certificates come behind those.
        package var folders: [String] = []
        package var acme: ACME?
        /// What comes without TLS is sent to https.
        package var redirects = false
        /// The port of https that visitors see, when it is not that of `listen`.
        package var port: Int?
        /// Whole seconds for which browsers shall use https alone.
        package var hstsSeconds: Int?

        package init() {}

        /// Paths as they were written: below the campaign's folder, or absolute.
        package struct Certificate: Sendable, Hashable {
            package let chain: String
            /// The same as `chain` when one file holds both.
            package let key: String
        }

        /// Which authority issues certificates, and for whom.
        package struct ACME: Sendable, Hashable {
            /// A name that `ACMEDirectory` knows, or an address.
            package var directory = ""
            package var names: [String] = []
            package var contacts: [String] = []
            /// Files, as those of certificates.
            package var trust: String?
            package var externalAccount: String?

            package init() {}
        }
    }
}
