import Kernel
package import VCLService

/// One thing that is not the same here and there.
package struct RemoteDifference: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case vcl = "VCL", backend, dictionary, item, acl = "ACL", entry
    }

    package let kind: Kind
    /// The dictionary or access list, then the item; else the object's name.
    package let name: String
    /// Nil for what is only on the other side.
    package let here: String?
    package let there: String?
}

extension RemoteDifference {
    /// What a service has (`there`) beside what it should have (`here`). Items of what only their owner can read are not compared.
    package static func list(here: FastlyService, there: FastlyService) -> [RemoteDifference] {
        var found = differing(.vcl, files(here), files(there))
        found += differing(.backend, backends(here), backends(there))
        found += differing(.dictionary, dictionaries(here), dictionaries(there))
        for dictionary in here.dictionaries {
            guard let other = there.dictionaries.first(where: { $0.name == dictionary.name }),
                !dictionary.isWriteOnly, !other.isWriteOnly
            else { continue }
            found += differing(.item, items(dictionary), items(other), in: dictionary.name)
        }
        found += differing(.acl, lists(here), lists(there))
        for list in here.acls {
            guard let other = there.acls.first(where: { $0.name == list.name }) else { continue }
            found += differing(.entry, entries(list), entries(other), in: list.name)
        }
        return found
    }

    private static func differing(
        _ kind: Kind, _ here: [String: String], _ there: [String: String], in owner: String? = nil
    ) -> [RemoteDifference] {
        Set(here.keys).union(there.keys).filter { here[$0] != there[$0] }.sorted().map { name in
            RemoteDifference(
                kind: kind, name: owner.map { "\($0) \(name)" } ?? name, here: here[name], there: there[name])
        }
    }

    private static func files(_ service: FastlyService) -> [String: String] {
        Dictionary(
            service.files.map { file in
                let isMain = file.isMain || service.files.count == 1
                return (
                    file.name,
                    (isMain ? "main, " : "") + counted(file.content.utf8.count, "byte")
                        + ", \(file.content.mark)"
                )
            }, uniquingKeysWith: { $1 })
    }

    private static func backends(_ service: FastlyService) -> [String: String] {
        Dictionary(service.backends.map { ($0.name, "\($0.address):\($0.port)") }, uniquingKeysWith: { $1 })
    }

    private static func dictionaries(_ service: FastlyService) -> [String: String] {
        Dictionary(
            service.dictionaries.map { ($0.name, $0.isWriteOnly ? "write-only" : "readable") },
            uniquingKeysWith: { $1 })
    }

    private static func items(_ dictionary: FastlyService.Dictionary) -> [String: String] {
        Dictionary(dictionary.items.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private static func lists(_ service: FastlyService) -> [String: String] {
        Dictionary(service.acls.map { ($0.name, "a list") }, uniquingKeysWith: { $1 })
    }

    private static func entries(_ list: FastlyService.ACL) -> [String: String] {
        Dictionary(list.entries.map { ($0.text, $0.comment) }, uniquingKeysWith: { $1 })
    }
}

extension String {
    /// A few signs that tell two texts apart, for people (FNV-1a).
    fileprivate var mark: String {
        let hash = utf8.reduce(into: UInt64(0xcbf2_9ce4_8422_2325)) { hash, byte in
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}
