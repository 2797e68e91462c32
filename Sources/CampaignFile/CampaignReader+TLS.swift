import ACME
import Foundation
import Kernel
import YAMLReading
import Yams

/// What `edge: tls:` says. Certificates' files lie where the tool that renews them writes them, so that their paths may be
/// absolute; whether they are there and good is looked at when an edge is to use them, and by `hq check`.
extension CampaignReader {
    mutating func tls(_ node: Node) {
        let found = yaml.members(
            node, "tls",
            keys: ["listen", "certificates", "acme", "redirect", "port", "hsts"], required: ["listen"])
        var tls = Campaign.TLS()
        if let listen = found["listen"] { tls.listen = places(listen) }
        if let node = found["certificates"] { certificates(node, &tls) }
        if let node = found["acme"] { tls.acme = acme(node) }
        if found["certificates"] == nil, found["acme"] == nil {
            yaml.report(
                "tls", node, "tls needs 'certificates' or 'acme'",
                hint: "certificates: [{certificate: tls/www.pem, key: tls/www.key}]")
        }
        tls.redirects = yaml.bool(found["redirect"], "redirect") ?? false
        tls.port = yaml.value(found["port"], "port", "443") {
            Int($0).flatMap { (1...65535).contains($0) ? $0 : nil }
        }
        if let node = found["hsts"] { tls.hstsSeconds = seconds(node) }
        campaign.tls = tls
    }

    /// One address, or a list.
    private mutating func places(_ node: Node) -> [HostPort] {
        let items = node.sequence.map { Array($0) } ?? [node]
        if items.isEmpty { yaml.report("type", node, "listen names an address, such as 0.0.0.0:443") }
        if items.count > CampaignLimits.tlsPlaces {
            yaml.report("limit", node, "listen holds \(CampaignLimits.tlsPlaces) addresses at most")
        }
        var found: [HostPort] = []
        for item in items {
            guard let place = yaml.value(item, "an address", "0.0.0.0:443 or \"[::]:443\"", { HostPort($0) })
            else { continue }
            if found.contains(place) {
                yaml.report("duplicate", item, "'\(place)' stands twice in listen")
            }
            found.append(place)
        }
        return found
    }

    private mutating func seconds(_ node: Node) -> Int? {
        let time = yaml.value(node, "hsts", "365d") { text in
            Duration(parsing: text) ?? Int64(text).map { Duration.seconds($0) }
        }
        guard let time else { return nil }
        if !CampaignLimits.hsts.contains(time) {
            yaml.report(
                "limit", node, "'hsts' is 0s to \(CampaignLimits.hsts.upperBound.brief)",
                hint: "browsers keep it for so long; 365d is usual, 0s takes it back")
            return nil
        }
        return Int(time.components.seconds)
    }

    private mutating func certificates(_ node: Node, _ tls: inout Campaign.TLS) {
        let items = yaml.items(node, "certificates")
        for item in items {
            let found = yaml.members(item, "a certificate", keys: ["certificate", "key", "folder"])
            if let path = yaml.string(found["folder"], "a folder") {
                if found["certificate"] != nil || found["key"] != nil {
                    yaml.report(
                        "tls", item, "a certificate is either 'certificate' with 'key', or a 'folder'")
                }
                if isFile(path, found["folder"]!) { tls.folders.append(path) }
            } else if let chain = yaml.string(found["certificate"], "a certificate's file") {
                let key = yaml.string(found["key"], "a key's file") ?? chain
                let isGood = isFile(chain, found["certificate"]!)
                if let node = found["key"] { guard isFile(key, node) else { continue } }
                if isGood { tls.certificates.append(.init(chain: chain, key: key)) }
            } else if item.mapping != nil {
                yaml.report(
                    "missing-key", item, "a certificate needs 'certificate', or 'folder'",
                    hint: "such as {certificate: tls/www.pem, key: tls/www.key}")
            }
        }
        if items.isEmpty, node.sequence != nil {
            yaml.report("tls", node, "certificates names none", hint: "leave it out when 'acme' gets them")
        }
        if items.count > CampaignLimits.certificates {
            yaml.report(
                "limit", node, "certificates holds \(CampaignLimits.certificates) at most",
                hint: "a folder holds more")
        }
    }

    private mutating func acme(_ node: Node) -> Campaign.TLS.ACME {
        let found = yaml.members(
            node, "acme",
            keys: ["directory", "names", "email", "agree_to_terms", "trust", "external_account"],
            required: ["directory", "names", "agree_to_terms"])
        var acme = Campaign.TLS.ACME()
        if let directory = yaml.string(found["directory"], "the authority's directory") {
            acme.directory = directory
            check(found["directory"]!) { () throws(Failure) in _ = try ACMEDirectory.url(directory) }
        }
        if let names = found["names"] { acme.names = hosts(names) }
        for item in list(found["email"]) {
            guard let address = yaml.string(item, "an e-mail address") else { continue }
            if !Campaign.TLS.ACME.isContact(address) {
                yaml.report(
                    "email", item, "'\(address)' is no e-mail address", hint: "such as ops@example.org")
            }
            acme.contacts.append(address)
        }
        if acme.contacts.count > CampaignLimits.acmeContacts, let node = found["email"] {
            yaml.report("limit", node, "email holds \(CampaignLimits.acmeContacts) addresses at most")
        }
        if let node = found["agree_to_terms"], yaml.bool(node, "agree_to_terms") == false {
            yaml.report(
                "tls", node, "an authority issues to those alone who agree to its terms",
                hint: "read them at the authority, then write true; or get certificates elsewhere")
        }
        if let path = yaml.string(found["trust"], "a file"), isFile(path, found["trust"]!) {
            acme.trust = path
        }
        if let path = yaml.string(found["external_account"], "a file"),
            isFile(path, found["external_account"]!)
        {
            acme.externalAccount = path
        }
        return acme
    }

    private mutating func hosts(_ node: Node) -> [String] {
        let items = yaml.items(node, "names")
        if items.isEmpty, node.sequence != nil {
            yaml.report("tls", node, "names holds none", hint: "such as [www.example.org, example.org]")
        }
        if items.count > CampaignLimits.acmeNames {
            yaml.report("limit", node, "names holds \(CampaignLimits.acmeNames) at most")
        }
        var found: [String] = []
        for item in items {
            guard let name = yaml.string(item, "a host's name") else { continue }
            check(item) { () throws(Failure) in _ = try ACMEHost(name) }
            if found.contains(name.lowercased()) {
                yaml.report("duplicate", item, "'\(name)' stands twice in names")
            }
            found.append(name.lowercased())
        }
        return found
    }

    private func list(_ node: Node?) -> [Node] {
        guard let node else { return [] }
        return node.sequence.map { Array($0) } ?? [node]
    }

    private mutating func check(_ node: Node, _ body: () throws(Failure) -> Void) {
        do throws(Failure) { try body() } catch { yaml.report("tls", node, error.message, hint: error.hint) }
    }

    /// An absolute path, or one below the campaign's folder. Where it stands is kept for those who look at the file.
    private mutating func isFile(_ path: String, _ node: Node) -> Bool {
        guard requireBelow(path, node, orAbsolute: true) else { return false }
        if filePlaces[path] == nil { filePlaces[path] = yaml.span(node) }
        return true
    }

    /// A key that is published with a site is everybody's.
    mutating func keepKeysFromSites() {
        let files = (campaign.tls?.certificates.map(\.key) ?? []) + (campaign.tls?.folders ?? [])
        for path in files + [campaign.tls?.acme?.externalAccount].compactMap({ $0 }) {
            guard let span = filePlaces[path] else { continue }
            keepFromSites(path, at: span)
        }
    }
}

extension Campaign.TLS.ACME {
    package static func isContact(_ text: String) -> Bool {
        text.contains("@") && !text.contains(where: \.isWhitespace)
    }
}
