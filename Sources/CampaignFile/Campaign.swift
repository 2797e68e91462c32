package import Diagnostics
package import Foundation
package import Journey
package import Kernel
import YAMLReading

/// What a campaign file says, checked. Names are unique and everything that is named exists.
package struct Campaign: Sendable, Hashable {
    package struct Person: Sendable, Hashable {
        package let name: String
        package let role: Role
    }

    package struct Backend: Sendable, Hashable {
        package let name: String
        /// Nil for the campaign's own origin, which serves the sites.
        package let address: HostPort?

        package init(name: String, address: HostPort?) {
            self.name = name
            self.address = address
        }
    }

    /// A service of Fastly's (or of another HQ) that serves the same as the edges here.
    package struct Remote: Sendable, Hashable {
        /// `https://api.fastly.com`, without a slash at its end.
        package let api: String
        /// The service's id.
        package let service: String
        /// The file with the key, relative to the campaign's folder or whole.
        package let key: String
        /// Where it reaches the campaign's own origin.
        package let origin: HostPort?
        /// Whether changes of entries, and purges, follow at once.
        package let mirrors: Bool
    }

    package struct LogEndpoint: Sendable, Hashable {
        package let name: String
        package let place: String
    }

    package struct Site: Sendable, Hashable {
        package let name: String
        /// Relative to the campaign's folder.
        package let folder: String
        package let domains: [String]
        /// Answers for hosts that no site names.
        package let isDefault: Bool
    }

    package struct Event: Sendable, Hashable {
        package let name: String
        package let from: Date
        package let to: Date
        /// Changes to what the public sees wait until it is over.
        package let isFreeze: Bool
    }

    package var name = ""
    package var timeZone = TimeZone(identifier: "UTC") ?? .current
    package var people: [Person] = []
    /// Relative to the campaign's folder; nil for the default VCL.
    package var vcl: String?
    /// Percent of the program's statements that its tests must reach; nil for no floor.
    package var coverageFloor: Double?
    package var cache = ByteCount(256 * 1024 * 1024)
    /// Where the edge writes a line for each request, as `LogPlace` reads it.
    package var accessLogs: [String] = []
    /// Where lines go that the program logs, by endpoint.
    package var logEndpoints: [LogEndpoint] = []
    /// Where Prometheus finds the edge's metrics.
    package var metrics: HostPort?
    /// Where the edge of `hq up` listens without TLS, when its command line does not say.
    package var listen: HostPort?
    /// Nil for an edge without TLS.
    package var tls: TLS?
    package var limits = ClientLimits()
    /// Nil for an edge that stands alone.
    package var shield: Shield?
    /// Nil when nobody is challenged.
    package var challenge: Challenge?
    /// Path prefixes that are fetched while only the cache is served (`hq edge shed on`).
    package var shedExceptions: [String] = []
    package var backends: [Backend] = []
    /// Nil for a campaign whose edges are its own alone.
    package var remote: Remote?
    package var dictionaries: [DictionaryDeclaration] = []
    package var sites: [Site] = []
    package var events: [Event] = []
    package var presets: [Preset] = []
    package var watch = Watch()
    package var addressRetention: Duration = .seconds(7 * 86400)

    package struct Watch: Sendable, Hashable {
        /// The share of answers that are 5xx from which a change is undone.
        package var errorShare = 0.05
        /// How long after a change it is watched.
        package var period: Duration = .seconds(60)
        /// Addresses that no change may turn into anything but a page: `/path` of the first site, or `host/path`.
        package var pages: [String] = []
        /// What is tried besides before a change, likewise, perhaps behind a method.
        package var requests: [String] = []
        package init() {}
    }

    package init() {}

    package func freeze(at time: Date) -> Event? {
        events.first { $0.isFreeze && $0.from <= time && time < $0.to }
    }
}

/// A campaign's folder as it was read: the file, what it says, and what is wrong with it.
package struct CampaignReading: Sendable {
    package static let fileName = "campaign.yaml"
    /// Where the control plane keeps the one that is active.
    package static let activeName = ".hq/active-campaign.yaml"

    package let sources: SourceSet
    package let diagnostics: [Diagnostic]
    /// Nil when there is an error.
    package let campaign: Campaign?
    /// Where the files of `edge: tls:` stand in the text, by the paths as they were written.
    package let filePlaces: [String: Span]

    package var placed: [PlacedDiagnostic] { diagnostics.placed(in: sources) }

    /// `exists` and `read` answer for paths relative to the campaign's folder.
    package init(text: String, name: String = fileName, exists: (String) -> Bool) {
        let file = SourceFile(name: name, text: text)
        sources = SourceSet([file])
        var reader = CampaignReader(file: file)
        let found = reader.read(exists: exists)
        diagnostics = reader.yaml.diagnostics
        filePlaces = reader.filePlaces
        campaign = diagnostics.hasErrors ? nil : found
    }

    package init(folder: URL, name: String = fileName) throws {
        let path = folder.appendingPathComponent(name)
        guard let data = FileManager.default.contents(atPath: path.path) else {
            throw Failure(
                .notFound, "no \(CampaignReading.fileName) in \(folder.path)",
                hint: "hq init NAME makes a new campaign")
        }
        self.init(text: String(decoding: data, as: UTF8.self)) {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
    }
}
