import CampaignFile
import Diagnostics
import Dictionaries
import Foundation
import Journey
import Kernel
import Store
import VCLRuntime

/// The campaign's files as the store holds them: what is active is what the store says, not what lies on disk.
enum CampaignFiles {
    static let kind = "campaign.file"
    /// Bytes of one file; a campaign file or a VCL program larger than this is a mistake.
    static let fileBytes = 4 * 1024 * 1024

    static let migrations: [Migration] = [
        Migration(
            "campaign/1",
            """
            CREATE TABLE campaign_file (name TEXT PRIMARY KEY, text TEXT NOT NULL);
            CREATE TABLE campaign_seen (name TEXT PRIMARY KEY, text TEXT NOT NULL);
            """)
    ]

    /// The files as they lay on disk when they were last taken over or written. Only what differs from this is news.
    static func seen(in transaction: StoreTransaction) throws -> [String: String] {
        let rows = try transaction.rows("SELECT name, text FROM campaign_seen")
        return Dictionary(rows.map { ($0.text("name"), $0.text("text")) }, uniquingKeysWith: { $1 })
    }

    static func markSeen(_ files: [String: String], in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM campaign_seen")
        for (name, text) in files {
            try transaction.execute("INSERT INTO campaign_seen VALUES (?, ?)", [.text(name), .text(text)])
        }
    }

    static func active(in transaction: StoreTransaction) throws -> [String: String] {
        let rows = try transaction.rows("SELECT name, text FROM campaign_file")
        return Dictionary(rows.map { ($0.text("name"), $0.text("text")) }, uniquingKeysWith: { $1 })
    }

    static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try transaction.row("SELECT text FROM campaign_file WHERE name = ?", [.text(path[0])])?.text("text")
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM campaign_file WHERE name = ?", [.text(edit.path[0])])
        if let text = edit.after {
            try transaction.execute(
                "INSERT INTO campaign_file VALUES (?, ?)", [.text(edit.path[0]), .text(text)])
        }
    }

    /// The campaign file, and every VCL file and test beside and below it.
    static func read(folder: URL) -> [String: String] {
        var found: [String: String] = [:]
        for name in names(folder: folder) {
            guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path),
                data.count <= fileBytes
            else { continue }
            found[name] = String(decoding: data, as: UTF8.self)
        }
        return found
    }

    private static func names(folder: URL) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        var names: [String] = []
        for case let name as String in walker {
            if name == ".hq" || name == "sites" { walker.skipDescendants() }
            if name == CampaignReading.fileName || name.hasSuffix(".vcl") || name.hasSuffix(".test.yaml") {
                names.append(name)
            }
        }
        return names
    }

    /// What a file of the campaign may be called: a path below its folder, and none that HQ or a site keeps for itself. Names come from
    /// clients, and what is active is written to disk. Throws `Failure(.invalid)`.
    static func requireName(_ name: String) throws {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isBelow = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && !name.contains("\0")
        let isOurs =
            name == CampaignReading.fileName || name.hasSuffix(".vcl") || name.hasSuffix(".test.yaml")
        guard isBelow, isOurs, parts.first != ".hq", parts.first != "sites" else {
            throw Failure(
                .invalid, "'\(name)' cannot be a file of the campaign",
                hint: "a path below its folder that ends in .vcl or .test.yaml, such as edge/main.vcl")
        }
    }

    /// Names of the files that are not the same in both.
    static func differing(_ one: [String: String], _ other: [String: String]) -> [String] {
        Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
    }

    static func change(from old: [String: String], to new: [String: String], summary: String) -> Change {
        Change(
            summary: summary,
            edits: differing(old, new).map { Edit(kind, [$0], before: old[$0], after: new[$0]) })
    }

    /// Who may do what is an admin's business in the campaign file too.
    static func role(toChange edit: Edit) -> Role {
        guard edit.path.first == CampaignReading.fileName else { return .operator }
        func people(_ text: String?) -> [Campaign.Person]? {
            text.flatMap { CampaignReading(text: $0) { _ in true }.campaign?.people }
        }
        return people(edit.before) == people(edit.after) ? .operator : .admin
    }

    struct Checked {
        let campaign: Campaign?
        let diagnostics: [PlacedDiagnostic]

        func failure(_ folder: URL) -> Failure {
            Failure(
                .invalid,
                "the campaign in \(folder.path) has mistakes, nothing is started\n" + diagnostics.rendered(),
                hint: "hq check shows them again")
        }
    }

    /// The campaign file and its VCL, checked together: the campaign when neither has an error.
    static func check(_ files: [String: String], folder: URL, origin: HostPort) -> Checked {
        guard let text = files[CampaignReading.fileName] else {
            return Checked(campaign: nil, diagnostics: [])
        }
        let reading = CampaignReading(text: text) { path in
            files[path] != nil
                || FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
        }
        guard let campaign = reading.campaign else {
            return Checked(campaign: nil, diagnostics: reading.placed)
        }
        let wrong = entryMistakes(campaign, text)
        guard wrong.isEmpty else {
            return Checked(campaign: nil, diagnostics: reading.placed + wrong.placed(in: reading.sources))
        }
        guard let main = campaign.vcl else { return Checked(campaign: campaign, diagnostics: reading.placed) }
        guard let source = files[main] else {
            // What is not among the files that are read would silently be the default program.
            let mistake = Diagnostic(
                "campaign/missing-file", at: Span(start: 0, end: 1),
                "the program '\(main)' cannot be read",
                hint:
                    "it lies below the campaign's folder, not among the sites, and has at most \(ByteCount(fileBytes))"
            )
            return Checked(
                campaign: nil, diagnostics: reading.placed + [mistake].placed(in: reading.sources))
        }
        let compiler = Compiler(model: model(campaign, files, origin: origin))
        let program = compiler.compile(SourceFile(name: main, text: source))
        let all = reading.placed + compiler.diagnostics.placed(in: compiler.sources)
        return Checked(campaign: program == nil ? nil : campaign, diagnostics: all)
    }

    /// What first entries and presets say that their dictionaries forbid, each where the dictionary or the preset is named.
    private static func entryMistakes(_ campaign: Campaign, _ text: String) -> [Diagnostic] {
        Findings.list(of: campaign.dictionaries, presets: campaign.presets).map { name, finding in
            let line = text.range(of: "(?m)^ +\(name):", options: .regularExpression)
            let start = line.map { text[..<$0.upperBound].utf8.count - name.utf8.count - 1 } ?? 0
            return Diagnostic(
                "campaign/entry", at: Span(start: start, end: start + name.utf8.count), finding.message,
                hint: finding.hint)
        }
    }

    /// What a campaign's program consists of besides its main file.
    static func model(_ campaign: Campaign, _ files: [String: String], origin: HostPort) -> ServiceModel {
        var model = ServiceModel()
        model.servedHere = true
        model.dictionaries = campaign.dictionaries.filter { $0.kind != .addresses }.map(\.name)
        model.accessLists = campaign.dictionaries.filter { $0.kind == .addresses }.map(\.name)
        model.prelude = [SourceFile(name: "campaign backends", text: prelude(campaign, origin: origin))]
        for (name, text) in files where name.hasSuffix(".vcl") {
            model.includes[name] = SourceFile(name: name, text: text)
        }
        return model
    }

    /// Declarations of the campaign file's backends, named as Fastly names generated ones.
    static func prelude(_ campaign: Campaign, origin: HostPort) -> String {
        let backends =
            campaign.backends.isEmpty ? [Campaign.Backend(name: "origin", address: nil)] : campaign.backends
        return backends.map { backend in
            let place = backend.address ?? origin
            return
                "backend F_\(backend.name.replacing("-", with: "_")) { .host = \"\(place.host)\"; .port = \"\(place.port)\"; }\n"
        }.joined()
    }
}
