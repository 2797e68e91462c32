/// The program of a service of the Fastly API; it answers requests to its domains, in place of the campaign's own program.
package struct ServiceProgram: Sendable, Codable, Equatable {
    /// One file of VCL.
    package struct Source: Sendable, Codable, Equatable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Fastly's id of a service: 22 letters and digits.
    package var id: String
    package var name: String
    package var version: Int
    /// Host names without a port, in lower case; `*.example.com` stands for any name below example.com.
    package var domains: [String]
    package var main: Source
    /// Declarations that stand before the main file.
    package var prelude: [Source]
    /// Code for the `#FASTLY` macros, by scope.
    package var snippets: [String: [Source]]
    /// Files that `include` may name, by their names.
    package var includes: [Source]
    /// The dictionaries and access lists that its program reads: its own names for them, with their full names.
    package var dictionaries: [String: String]

    package init(
        id: String, name: String, version: Int, domains: [String], main: Source, prelude: [Source] = [],
        snippets: [String: [Source]] = [:], includes: [Source] = [], dictionaries: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.domains = domains
        self.main = main
        self.prelude = prelude
        self.snippets = snippets
        self.includes = includes
        self.dictionaries = dictionaries
    }
}
