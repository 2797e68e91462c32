import Diagnostics
import Kernel
import YAMLReading
import Yams

/// `edge: remote:`, the Fastly service that serves the same.
extension CampaignReader {
    static let fastly = "https://api.fastly.com"

    mutating func remote(_ node: Node) {
        let found = yaml.members(
            node, "remote", keys: ["api", "service", "key", "origin", "mirror"], required: ["service", "key"])
        let api =
            yaml.value(found["api"], "the API's address", CampaignReader.fastly) { text in
                let isAddress = ["https://", "http://"].contains {
                    text.hasPrefix($0) && text.count > $0.count
                }
                return isAddress ? (text.hasSuffix("/") ? String(text.dropLast()) : text) : nil
            } ?? CampaignReader.fastly
        let service = yaml.value(found["service"], "the service's id", "SU1Z0isxPaozGVKXdv0eY") { text in
            text.isEmpty || text.contains("/") ? nil : text
        }
        let origin = yaml.value(found["origin"], "the origin's address", "origin.example:443") {
            HostPort($0)
        }
        guard let service, let keyNode = found["key"], let key = yaml.string(keyNode, "the key's file") else {
            return
        }
        if requireBelow(key, keyNode, orAbsolute: true) { filePlaces[key] = yaml.span(keyNode) }
        if origin == nil,
            campaign.backends.isEmpty || campaign.backends.contains(where: { $0.address == nil })
        {
            yaml.report(
                "origin", node, "Fastly needs an address of the campaign's own origin",
                hint: "add origin: HOST:PORT, as it is seen from outside")
        }
        campaign.remote = Campaign.Remote(
            api: api, service: service, key: key, origin: origin,
            mirrors: yaml.bool(found["mirror"], "mirror") ?? false)
    }

    mutating func keepRemoteKeyFromSites() {
        guard let key = campaign.remote?.key, let span = filePlaces[key] else { return }
        keepFromSites(key, at: span)
    }
}
