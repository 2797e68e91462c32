import Diagnostics
import EdgeRecords
import Foundation
import Journey
import Kernel
import YAMLReading
import Yams

/// Turns the tree of a campaign file into a `Campaign`, section by section.
struct CampaignReader {
    var yaml: YAMLReader
    var campaign = Campaign()
    /// Where the files of `edge: tls:` stand, by their paths.
    var filePlaces: [String: Span] = [:]

    init(file: SourceFile) { yaml = YAMLReader(file: file, area: "campaign") }

    /// Below this no response would be kept.
    private static let smallestCache = ByteCount(1024 * 1024)

    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }

    /// A host name by RFC 1123, as Host carries it.
    private static func isDomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy {
                        $0 &- 0x30 < 10 || $0 &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F
                    }
            }
    }

    private static let sections = [
        "campaign", "timezone", "people", "edge", "dictionaries", "sites", "calendar", "watch", "privacy",
        "presets",
    ]

    mutating func read(exists: (String) -> Bool) -> Campaign {
        guard let root = yaml.compose() else {
            if yaml.diagnostics.isEmpty {
                yaml.diagnostics.append(
                    Diagnostic(
                        "campaign/empty", at: Span(start: 0, end: 1), "the file is empty",
                        hint: "hq init NAME writes one"))
            }
            return campaign
        }
        let members = yaml.members(
            root, "the campaign file", keys: CampaignReader.sections,
            required: ["campaign", "people", "sites"])
        campaign.name = yaml.string(members["campaign"], "the campaign's name") ?? ""
        if let node = members["campaign"], !YAMLReader.isName(campaign.name) {
            yaml.report(
                "name", node, "'\(campaign.name)' cannot be a campaign's name",
                hint: "one word of letters, digits, '_' and '-'")
        }
        if let zone = yaml.value(
            members["timezone"], "a time zone", "America/New_York", { TimeZone(identifier: $0) })
        {
            campaign.timeZone = zone
        }
        if let node = members["people"] { people(node) }
        if let node = members["edge"] { edge(node, exists) }
        if let node = members["dictionaries"] { dictionaries(node) }
        if let node = members["presets"] { presets(node) }
        if let node = members["sites"] { sites(node, exists) }
        if let node = members["edge"] { keepWordFromSites(node) }
        keepRemoteKeyFromSites()
        keepKeysFromSites()
        if let node = members["calendar"] { calendar(node) }
        if let node = members["watch"] { watch(node) }
        if let node = members["privacy"] {
            let found = yaml.members(node, "privacy", keys: ["client_addresses"])
            if let time = yaml.value(
                found["client_addresses"], "client_addresses", "7d", { Duration(parsing: $0) })
            {
                campaign.addressRetention = time
            }
        }
        return campaign
    }

    private mutating func people(_ node: Node) {
        for item in yaml.items(node, "people") {
            let found = yaml.members(item, "a person", keys: ["name", "role"], required: ["name", "role"])
            guard let name = yaml.string(found["name"], "a name"), let roleNode = found["role"],
                let role = self.role(roleNode)
            else { continue }
            if name == Actor.hq.name || name.isEmpty {
                yaml.report("name", found["name"] ?? item, "'\(name)' cannot be a person's name")
            }
            if campaign.people.contains(where: { $0.name == name }) {
                yaml.report("duplicate", found["name"] ?? item, "'\(name)' stands twice among the people")
            }
            campaign.people.append(Campaign.Person(name: name, role: role))
        }
        if !campaign.people.contains(where: { $0.role == .admin }) {
            yaml.report(
                "people", node, "nobody is an admin",
                hint: "give one person 'role: admin', who can then invite the others")
        }
    }

    private mutating func role(_ node: Node) -> Role? {
        let text = yaml.string(node, "a role") ?? ""
        if let role = Role(rawValue: text) { return role }
        let known = Role.allCases.map(\.rawValue)
        yaml.report(
            "role", node, "there is no role '\(text)'",
            hint: nearest(text, among: known).map { "did you mean '\($0)'?" }
                ?? "choose one of \(known.joined(separator: ", "))")
        return nil
    }

    private mutating func edge(_ node: Node, _ exists: (String) -> Bool) {
        let found = yaml.members(
            node, "edge",
            keys: [
                "vcl", "coverage", "cache", "access_log", "log_endpoints", "metrics", "limits", "shield",
                "shed", "challenge", "listen", "tls", "backends", "remote",
            ])
        campaign.listen = yaml.value(found["listen"], "an address", "0.0.0.0:80", { HostPort($0) })
        if let node = found["tls"] { tls(node) }
        if let node = found["limits"] { limits(node) }
        if let node = found["shield"] { shield(node) }
        if let node = found["shed"] { shed(node) }
        if let node = found["challenge"] { challenge(node) }
        logs(found["access_log"], found["log_endpoints"])
        campaign.metrics = yaml.value(found["metrics"], "an address", "127.0.0.1:9145", { HostPort($0) })
        if let path = yaml.string(found["vcl"], "the VCL's path") {
            campaign.vcl = path
            if !path.hasSuffix(".vcl") {
                yaml.report(
                    "path", found["vcl"]!, "'\(path)' is no VCL by its name", hint: "its name ends in .vcl")
            }
            requireInside(path, found["vcl"]!, exists)
        }
        campaign.coverageFloor = yaml.value(found["coverage"], "the floor of coverage", "90%") { text in
            Double(text.hasSuffix("%") ? String(text.dropLast()) : text).flatMap {
                (0...100).contains($0) ? $0 : nil
            }
        }
        if let size = yaml.value(found["cache"], "the cache's size", "512MiB", { ByteCount(parsing: $0) }) {
            campaign.cache = size
            if size < CampaignReader.smallestCache {
                yaml.report(
                    "cache", found["cache"]!, "a cache of \(size) holds nothing",
                    hint: "\(CampaignReader.smallestCache) is the least")
            }
        }
        if let node = found["backends"] { backends(node) }
        if let node = found["remote"] { remote(node) }
    }

    private mutating func backends(_ node: Node) {
        for (_, name, value) in yaml.named(node, "backends") {
            let members = yaml.members(value, "a backend", keys: ["address", "sites"])
            let address = yaml.value(members["address"], "an address", "127.0.0.1:9000", { HostPort($0) })
            let own = yaml.bool(members["sites"], "sites") ?? false
            if own == (members["address"] != nil) {
                yaml.report(
                    "backend", value,
                    "a backend has an 'address', or 'sites: true' for the campaign's own origin")
            }
            campaign.backends.append(Campaign.Backend(name: name, address: address))
        }
    }

    private mutating func logs(_ access: Node?, _ endpoints: Node?) {
        if let access {
            for node in yaml.items(access, "access_log") {
                if let place = place(node) { campaign.accessLogs.append(place) }
            }
        }
        guard let endpoints else { return }
        for (_, name, value) in yaml.named(endpoints, "log_endpoints") {
            if let place = place(value) { campaign.logEndpoints.append(.init(name: name, place: place)) }
        }
    }

    private mutating func place(_ node: Node) -> String? {
        guard let text = yaml.string(node, "a place for a log") else { return nil }
        do {
            _ = try LogPlace(text)
            return text
        } catch {
            yaml.report("log", node, error.message, hint: error.hint)
            return nil
        }
    }

    private mutating func requireInside(_ path: String, _ node: Node, _ exists: (String) -> Bool) {
        if requireBelow(path, node), !exists(path) {
            yaml.report("missing-file", node, "there is no '\(path)' in the campaign's folder")
        }
    }

    /// A path that leads out of the campaign's folder would make what a file says depend on whose machine it is.
    @discardableResult
    mutating func requireBelow(_ path: String, _ node: Node, orAbsolute: Bool = false) -> Bool {
        let isAbsolute = path.hasPrefix("/")
        if isAbsolute ? orAbsolute : !path.split(separator: "/").contains("..") { return true }
        yaml.report(
            "path", node, "'\(path)' leads out of the campaign's folder",
            hint: "write a path below the folder of campaign.yaml" + (orAbsolute ? ", or a whole one" : ""))
        return false
    }

    private mutating func sites(_ node: Node, _ exists: (String) -> Bool) {
        var owners: [String: String] = [:]
        for (key, name, value) in yaml.named(node, "sites") {
            let found = yaml.members(
                value, "a site", keys: ["folder", "domains", "default"], required: ["folder", "domains"])
            guard let folder = yaml.string(found["folder"], "a folder"), let domainsNode = found["domains"]
            else { continue }
            requireInside(folder, found["folder"]!, exists)
            if folder.split(separator: "/").allSatisfy({ $0 == "." }) {
                yaml.report(
                    "path", found["folder"]!,
                    "a site in the campaign's own folder would show the campaign file to everybody",
                    hint: "give it a folder of its own")
            }
            var domains: [String] = []
            for item in yaml.items(domainsNode, "domains") {
                guard let domain = yaml.string(item, "a domain")?.lowercased() else { continue }
                if !CampaignReader.isDomain(domain) {
                    yaml.report(
                        "domain", item, "'\(domain)' is no domain",
                        hint: "such as www.example.org, without http://")
                }
                if let owner = owners[domain] {
                    yaml.report(
                        "duplicate-address", item, "'\(domain)' belongs to the site '\(owner)' already",
                        hint: "two sites cannot share one address")
                }
                owners[domain] = name
                domains.append(domain)
            }
            let isDefault = yaml.bool(found["default"], "default") ?? false
            if isDefault, campaign.sites.contains(where: \.isDefault) {
                yaml.report(
                    "duplicate", key, "two sites are the default",
                    hint: "one at most answers for unknown hosts")
            }
            campaign.sites.append(
                Campaign.Site(name: name, folder: folder, domains: domains, isDefault: isDefault))
        }
    }

    private mutating func watch(_ node: Node) {
        let found = yaml.members(node, "watch", keys: ["errors", "for", "pages", "requests"])
        campaign.watch.pages = places(found["pages"], "pages")
        campaign.watch.requests = places(found["requests"], "requests")
        let share = yaml.value(found["errors"], "errors", "5%") { text in
            text.hasSuffix("%")
                ? Double(text.dropLast()).flatMap { (0.1...100).contains($0) ? $0 / 100 : nil } : nil
        }
        if let share { campaign.watch.errorShare = share }
        if let time = yaml.value(found["for"], "for", "60s", { Duration(parsing: $0) }) {
            campaign.watch.period = time
        }
    }

    /// `/path`, `host/path`, or either behind a method.
    private mutating func places(_ node: Node?, _ what: String) -> [String] {
        guard let node else { return [] }
        return yaml.items(node, what).compactMap { item in
            yaml.value(item, "an address", "/donate or www.example/donate") { text in
                text.contains("/") && text.split(separator: " ").count <= 2 ? text : nil
            }
        }
    }

    // MARK: the calendar

    private mutating func calendar(_ node: Node) {
        let zone = campaign.timeZone
        for item in yaml.items(node, "calendar") {
            let found = yaml.members(
                item, "an event", keys: ["name", "date", "from", "to", "until", "freeze"],
                required: ["name", "date"])
            guard let name = yaml.string(found["name"], "an event's name"),
                let day = yaml.value(found["date"], "a date", "2016-11-08", { CampaignReader.day($0, zone) })
            else { continue }
            let last =
                yaml.value(found["until"], "a date", "2016-11-08", { CampaignReader.day($0, zone) }) ?? day
            let from = yaml.value(found["from"], "a time of day", "\"21:00\"", { CampaignReader.minutes($0) })
            let to = yaml.value(found["to"], "a time of day", "\"22:30\"", { CampaignReader.minutes($0) })
            let begin = CampaignReader.moment(day, minutes: from ?? 0, zone)
            let end = CampaignReader.moment(last, minutes: to ?? 24 * 60, zone)
            if end <= begin {
                yaml.report("calendar", found["to"] ?? item, "'\(name)' ends before it begins")
            }
            let freeze = yaml.bool(found["freeze"], "freeze") ?? false
            campaign.events.append(Campaign.Event(name: name, from: begin, to: end, isFreeze: freeze))
        }
        campaign.events.sort { ($0.from, $0.name) < ($1.from, $1.name) }
    }

    /// The beginning of a day in the campaign's own time zone.
    private static func day(_ text: String, _ zone: TimeZone) -> Date? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, text.count == 10 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let wanted = DateComponents(year: parts[0], month: parts[1], day: parts[2])
        // The calendar would take the 14th month for the second of the next year.
        guard let date = calendar.date(from: wanted),
            calendar.dateComponents([.year, .month, .day], from: date) == wanted
        else { return nil }
        return date
    }

    /// A time of day on a day, by the clock on the wall: days on which the clocks change are longer or shorter.
    private static func moment(_ day: Date, minutes: Int, _ zone: TimeZone) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        guard minutes < 24 * 60 else { return calendar.date(byAdding: .day, value: 1, to: day) ?? day }
        return calendar.date(bySettingHour: minutes / 60, minute: minutes % 60, second: 0, of: day) ?? day
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, (0...24).contains(parts[0]), (0..<60).contains(parts[1]),
            parts[0] < 24 || parts[1] == 0
        else { return nil }
        return parts[0] * 60 + parts[1]
    }
}
