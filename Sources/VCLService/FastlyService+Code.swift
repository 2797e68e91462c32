import Kernel

extension FastlyService {
    /// A file of VCL; one is the main one, the others may be included by name.
    package struct VCLFile: ServiceObject {
        package var name = ""
        package var content = ""
        package var isMain = false

        package init() {}
        package init(name: String, content: String, isMain: Bool = false) {
            (self.name, self.content, self.isMain) = (name, content, isMain)
        }

        package static let fields: [ServiceField<VCLFile>] = [
            .text("name", \.name), .text("content", \.content), .flag("main", \.isMain),
        ]
    }

    /// Statements for a state's macro, declarations for the top of the program (`init`), or something to
    /// include (`none`).
    package struct Snippet: ServiceObject {
        package enum Kind: String, Sendable, CaseIterable {
            case `init`, recv, hash, hit, miss, pass, fetch, error, deliver, log, none
        }

        package var id = ""
        package var name = ""
        package var kind = Kind.none
        /// The smaller the earlier.
        package var priority = 100
        package var isDynamic = false
        package var content = ""
        /// The file that it was read from, if it was.
        package var path: String?

        package init() {}
        package init(name: String, _ kind: Kind, priority: Int = 100, content: String) {
            (self.name, self.kind, self.priority, self.content) = (name, kind, priority, content)
        }

        package static let fields: [ServiceField<Snippet>] = [
            .text("id snippet_id", \.id), .text("name", \.name), .choice("type", \.kind),
            .number("priority", \.priority), .flag("dynamic", \.isDynamic), .text("content", \.content),
        ]
    }

    package struct Domain: ServiceObject {
        package var name = ""
        package var comment = ""
        package init() {}
        package static let fields: [ServiceField<Domain>] = [
            .text("name", \.name), .text("comment", \.comment),
        ]
    }

    /// What holds for the whole version.
    package struct Settings: ServiceObject {
        /// Sent to backends as Host; none when empty.
        package var defaultHost = ""
        /// Seconds that a response without a lifetime of its own is kept.
        package var defaultTTL = 3600
        package var serveStaleIfError = false
        /// Seconds.
        package var staleIfErrorTTL = 43200

        package init() {}
        package static let fields: [ServiceField<Settings>] = [
            .text("general.default_host default_host", \.defaultHost),
            .number("general.default_ttl default_ttl", \.defaultTTL),
            .flag("general.stale_if_error stale_if_error", \.serveStaleIfError),
            .number("general.stale_if_error_ttl stale_if_error_ttl", \.staleIfErrorTTL),
        ]
    }
}
