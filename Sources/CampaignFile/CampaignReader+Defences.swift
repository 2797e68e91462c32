import Diagnostics
import Kernel
import YAMLReading
import Yams

/// What `edge:` says of clients, shields, shedding and challenges.
extension CampaignReader {
    mutating func limits(_ node: Node) {
        let found = yaml.members(
            node, "limits",
            keys: [
                "max_connections", "client_connections", "network_connections", "client_rate", "network_rate",
                "exempt",
            ])
        campaign.limits.maxConnections = connections(found["max_connections"], "max_connections")
        campaign.limits.clientConnections = connections(found["client_connections"], "client_connections")
        campaign.limits.networkConnections = connections(found["network_connections"], "network_connections")
        campaign.limits.clientRate = rate(found["client_rate"], "client_rate")
        campaign.limits.networkRate = rate(found["network_rate"], "network_rate")
        guard let ranges = found["exempt"] else { return }
        for item in yaml.items(ranges, "exempt") {
            guard let text = yaml.string(item, "a range of addresses") else { continue }
            if AddressRange(text) == nil {
                yaml.report(
                    "range", item, "'\(text)' is no range of addresses",
                    hint: "such as 10.0.0.0/8, 2001:db8::/32, or one address")
            }
            campaign.limits.exempt.append(text)
        }
        if campaign.limits.exempt.count > CampaignLimits.exemptRanges {
            yaml.report(
                "limit", ranges, "exempt holds \(CampaignLimits.exemptRanges) ranges at most",
                hint: "join neighbours to larger ranges")
        }
    }

    private mutating func connections(_ node: Node?, _ name: String) -> Int? {
        guard let node, let number = yaml.value(node, name, "200", { Int($0) }) else { return nil }
        guard !CampaignLimits.connections.contains(number) else { return number }
        yaml.report(
            "limit", node, "'\(name)' is 1 to \(CampaignLimits.connections.upperBound), not \(number)",
            hint: "leave it out for no limit")
        return nil
    }

    private mutating func rate(_ node: Node?, _ name: String) -> Double? {
        guard let node, let number = yaml.value(node, name, "50 (requests a second)", { Double($0) }) else {
            return nil
        }
        guard !CampaignLimits.rates.contains(number) else { return number }
        yaml.report(
            "limit", node, "'\(name)' is 0.01 to 1000000 requests a second",
            hint: "leave it out for no limit")
        return nil
    }

    mutating func shield(_ node: Node) {
        let found = yaml.members(node, "shield", keys: ["place", "places", "word"], required: ["word"])
        guard let word = yaml.string(found["word"], "the word's file") else { return }
        var shield = Campaign.Shield(word: word)
        requireBelow(word, found["word"]!)
        shield.place = yaml.string(found["place"], "a place")
        if let place = shield.place, !Campaign.Shield.isPlain(place) {
            yaml.report(
                "name", found["place"]!, "'\(place)' cannot be a place's name",
                hint: "letters, digits and hyphens")
        }
        if let places = found["places"] {
            for (_, name, value) in yaml.named(places, "places") {
                let address = yaml.value(
                    value, "a shield's address", "10.0.0.2:80 or https://edge.example:443",
                    { ShieldAddress($0) })
                if let address { shield.places.append(.init(name: name, address: address)) }
            }
        }
        campaign.shield = shield
    }

    /// What would be published with a site is known to everybody.
    mutating func keepWordFromSites(_ edge: Node) {
        guard let word = campaign.shield?.word, let node = edge.mapping?["shield"]?.mapping?["word"] else {
            return
        }
        keepFromSites(word, at: yaml.span(node))
    }

    mutating func keepFromSites(_ path: String, at span: Span) {
        func parts(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
        guard !path.hasPrefix("/") else { return }
        for site in campaign.sites where parts(path).starts(with: parts(site.folder)) {
            yaml.diagnostics.append(
                Diagnostic(
                    "campaign/path", at: span, "the site '\(site.name)' would show this file to everybody",
                    hint: "keep it in .hq/, which nobody publishes"))
        }
    }

    mutating func shed(_ node: Node) {
        let found = yaml.members(node, "shed", keys: ["except"], required: ["except"])
        campaign.shedExceptions = prefixes(found["except"], most: CampaignLimits.shedExceptions)
    }

    mutating func challenge(_ node: Node) {
        let found = yaml.members(node, "challenge", keys: ["above", "bits", "lifetime", "except"])
        var challenge = Campaign.Challenge()
        if let node = found["above"],
            let rate = yaml.value(node, "above", "2000 (requests a second)", { Double($0) })
        {
            challenge.above = rate
            if !CampaignLimits.challengeAbove.contains(rate) {
                yaml.report("limit", node, "'above' is 1 to 10000000 requests a second")
            }
        }
        if let node = found["bits"], let bits = yaml.value(node, "bits", "16", { Int($0) }) {
            challenge.bits = bits
            let range = CampaignLimits.challengeBits
            if !range.contains(bits) {
                yaml.report(
                    "limit", node, "'bits' is \(range.lowerBound) to \(range.upperBound), not \(bits)",
                    hint: "each one more doubles what a browser has to do; 16 takes a second or less")
            }
        }
        if let node = found["lifetime"],
            let time = yaml.value(node, "lifetime", "30m", { Duration(parsing: $0) })
        {
            challenge.lifetime = time
            if !CampaignLimits.challengeLifetime.contains(time) {
                yaml.report("limit", node, "'lifetime' is 1m to 24h")
            }
        }
        challenge.except = prefixes(found["except"], most: CampaignLimits.challengeExceptions)
        campaign.challenge = challenge
    }

    private mutating func prefixes(_ node: Node?, most: Int) -> [String] {
        guard let node else { return [] }
        var found: [String] = []
        for item in yaml.items(node, "except") {
            guard let text = yaml.string(item, "a path") else { continue }
            if !Campaign.isPathPrefix(text) {
                yaml.report(
                    "path", item, "'\(text)' is no beginning of a path",
                    hint: "such as /donate: no host, no query, nothing but visible ASCII characters")
            }
            found.append(text)
        }
        if found.count > most { yaml.report("limit", node, "except holds \(most) paths at most") }
        return found
    }
}
