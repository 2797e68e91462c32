import Kernel
package import VCLService

/// A version of the service as it is there, with the ids of what has one.
package struct RemoteVersion: Sendable {
    package let number: Int
    package var service = FastlyService()
    /// Ids of dictionaries and access lists, by name.
    package var dictionaryIDs: [String: String] = [:]
    package var listIDs: [String: String] = [:]
    /// Ids of the access lists' entries, by list and by the entry as `AddressEntry` writes it.
    var entryIDs: [String: [String: String]] = [:]

    /// Reads what HQ compares: VCL, backends, dictionaries with their items, access lists with their entries.
    package static func read(_ number: Int, from client: FastlyClient) async throws -> RemoteVersion {
        var version = try await lists(number, from: client) { _ in true }
        for json in try await client.send("GET", client.path(version: number, "vcl")).elements {
            version.service.files.append(try FastlyService.VCLFile(json))
        }
        for json in try await client.send("GET", client.path(version: number, "backend")).elements {
            version.service.backends.append(try FastlyService.Backend(json))
        }
        return version
    }

    /// Dictionaries and access lists with their ids; the entries of those that are `wanted`.
    package static func lists(
        _ number: Int, from client: FastlyClient, entriesOf wanted: (String) -> Bool
    ) async throws -> RemoteVersion {
        var version = RemoteVersion(number: number)
        for json in try await client.send("GET", client.path(version: number, "dictionary")).elements {
            var dictionary = try FastlyService.Dictionary(json)
            version.dictionaryIDs[dictionary.name] = dictionary.id
            if !dictionary.isWriteOnly, wanted(dictionary.name) {
                let items = try await client.pages(client.path("dictionary", dictionary.id, "items"))
                dictionary.items = try items.map { item in
                    guard let key = item["item_key"]?.string, let value = item["item_value"]?.string else {
                        throw Failure(
                            .unavailable, "an item of \(dictionary.name) there has no key or no value")
                    }
                    return .init(key: key, value: value)
                }
            }
            version.service.dictionaries.append(dictionary)
        }
        for json in try await client.send("GET", client.path(version: number, "acl")).elements {
            var list = try FastlyService.ACL(json)
            version.listIDs[list.name] = list.id
            for entry in wanted(list.name)
                ? try await client.pages(client.path("acl", list.id, "entries")) : []
            {
                let read = try FastlyService.ACL.Entry(entry)
                list.entries.append(read)
                version.entryIDs[list.name, default: [:]][read.text] = entry["id"]?.string
            }
            version.service.acls.append(list)
        }
        return version
    }
}

extension RemoteVersion {
    /// The id of a list's entry, by what a dictionary of addresses calls it.
    package func entryID(of key: String, in list: String) -> String? { entryIDs[list]?[key] }
}

extension FastlyService.ACL.Entry {
    /// As a dictionary of addresses has it: `192.0.2.0/24`, `!192.0.2.7`.
    package var text: String {
        let range = subnet.map { "\(address)/\($0)" } ?? address
        return (isNegated ? "!" : "") + (AddressRange(range)?.description ?? range)
    }

    /// An entry of a dictionary of addresses as Fastly has it. Nil for what is no address.
    package init?(key: String, comment: String) {
        let isNegated = key.hasPrefix("!")
        guard let range = AddressRange(isNegated ? String(key.dropFirst()) : key) else { return nil }
        self.init()
        address = "\(range.address)"
        subnet = range.bits == (range.address.isIPv4 ? 32 : 128) ? nil : range.bits
        self.isNegated = isNegated
        self.comment = comment
    }
}
