import CampaignFile
import Kernel
import Services

/// What the campaign file makes the campaign's own program of, as objects of the API. Read there, and changed there alone.
struct CampaignObjects: Sendable {
    let campaign: Campaign

    /// Nil for kinds that are the version's own.
    func objects(_ kind: ObjectKind) -> [ServiceObjectRecord]? {
        switch kind.path {
        case "vcl": nil
        case "backend": campaign.backends.map { object(kind, $0.name, backend($0)) }
        case "domain": campaign.sites.flatMap(\.domains).map { object(kind, $0, .object([])) }
        case "dictionary": dictionaries(kind) { $0 != .addresses }
        case "acl": dictionaries(kind) { $0 == .addresses }
        case "settings": []
        default: []
        }
    }

    private func backend(_ backend: Campaign.Backend) -> JSONValue {
        guard let address = backend.address else { return .object([]) }
        return ["address": .string(address.host), "port": .integer(address.port)]
    }

    private func dictionaries(_ kind: ObjectKind, _ fits: (DictionaryKind) -> Bool) -> [ServiceObjectRecord] {
        campaign.dictionaries.filter { fits($0.kind) }.map { one in
            let body: JSONValue = kind.path == "acl" ? [:] : ["write_only": .bool(one.kind == .secrets)]
            return ServiceObjectRecord(
                kind: kind.path, name: one.name, id: CampaignObjects.id(of: one.name), body: body, created: 0,
                updated: 0)
        }
    }

    /// The id of one of the campaign file's dictionaries, which has nothing but its name.
    static func id(of dictionary: String) -> String { ServiceID.of(["campaign", dictionary]) }

    private func object(_ kind: ObjectKind, _ name: String, _ body: JSONValue) -> ServiceObjectRecord {
        ServiceObjectRecord(kind: kind.path, name: name, id: "", body: body, created: 0, updated: 0)
    }
}
