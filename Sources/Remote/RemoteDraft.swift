import Kernel
package import VCLService

/// Makes a draft of a version there: a copy of the live one, in which everything that differs is as it is here. What visitors get
/// stays as it was until the draft is activated: dictionaries and access lists whose entries differ are made anew in the draft,
/// because entries belong to no version and would be live at once.
package struct RemoteDraft: Sendable {
    private let client: FastlyClient
    private let here: FastlyService
    private let there: RemoteVersion

    package init(client: FastlyClient, here: FastlyService, there: RemoteVersion) {
        self.client = client
        self.here = here
        self.there = there
    }

    /// The draft's number, validated. Throws `Failure`; nothing is live then that was not.
    package func make(saying comment: String) async throws -> Int {
        let number = try await client.clone(there.number)
        try await client.send("PUT", client.path(version: number), .form([("comment", comment)]))
        try await writeFiles(number)
        try await writeBackends(number)
        for dictionary in there.service.dictionaries
        where !here.dictionaries.contains(where: { $0.name == dictionary.name }) {
            try await client.send("DELETE", client.path(version: number, "dictionary", dictionary.name))
        }
        for dictionary in here.dictionaries { try await write(dictionary, number) }
        for list in there.service.acls where !here.acls.contains(where: { $0.name == list.name }) {
            try await client.send("DELETE", client.path(version: number, "acl", list.name))
        }
        for list in here.acls { try await write(list, number) }
        try await client.validate(number)
        return number
    }

    private func writeFiles(_ number: Int) async throws {
        for file in there.service.files where !here.files.contains(where: { $0.name == file.name }) {
            try await client.send("DELETE", client.path(version: number, "vcl", file.name))
        }
        for file in here.files {
            let known = there.service.files.first { $0.name == file.name }
            if known?.content != file.content {
                let fields = [("name", file.name), ("content", file.content)]
                if known == nil {
                    try await client.send("POST", client.path(version: number, "vcl"), .form(fields))
                } else {
                    try await client.send(
                        "PUT", client.path(version: number, "vcl", file.name), .form(fields))
                }
            }
            if file.isMain, known?.isMain != true {
                try await client.send("PUT", client.path(version: number, "vcl", file.name, "main"))
            }
        }
    }

    private func writeBackends(_ number: Int) async throws {
        for backend in there.service.backends
        where !here.backends.contains(where: { $0.name == backend.name }) {
            try await client.send("DELETE", client.path(version: number, "backend", backend.name))
        }
        for backend in here.backends {
            let known = there.service.backends.first { $0.name == backend.name }
            guard known?.address != backend.address || known?.port != backend.port else { continue }
            let fields = [
                ("name", backend.name), ("address", backend.address), ("port", "\(backend.port)"),
                ("use_ssl", backend.usesTLS ? "1" : "0"),
            ]
            if known == nil {
                try await client.send("POST", client.path(version: number, "backend"), .form(fields))
            } else {
                try await client.send(
                    "PUT", client.path(version: number, "backend", backend.name), .form(fields))
            }
        }
    }

    private func write(_ dictionary: FastlyService.Dictionary, _ number: Int) async throws {
        let known = there.service.dictionaries.first { $0.name == dictionary.name }
        let isSame =
            known.map {
                !dictionary.isWriteOnly && !$0.isWriteOnly
                    && Set($0.items.map { [$0.key, $0.value] })
                        == Set(dictionary.items.map { [$0.key, $0.value] })
            } ?? false
        guard !isSame else { return }
        if known != nil {
            try await client.send("DELETE", client.path(version: number, "dictionary", dictionary.name))
        }
        let made = try await client.send(
            "POST", client.path(version: number, "dictionary"),
            .form([("name", dictionary.name), ("write_only", dictionary.isWriteOnly ? "true" : "false")]))
        guard let id = made["id"]?.string else {
            throw Failure(.unavailable, "\(client.api) made no dictionary \(dictionary.name)")
        }
        try await client.change(
            dictionary.items.map { FastlyClient.ItemChange(key: $0.key, value: $0.value) }, ofDictionary: id)
    }

    private func write(_ list: FastlyService.ACL, _ number: Int) async throws {
        let known = there.service.acls.first { $0.name == list.name }
        let isSame = known.map { Set($0.entries.map(\.whole)) == Set(list.entries.map(\.whole)) } ?? false
        guard !isSame else { return }
        if known != nil { try await client.send("DELETE", client.path(version: number, "acl", list.name)) }
        let made = try await client.send(
            "POST", client.path(version: number, "acl"), .form([("name", list.name)]))
        guard let id = made["id"]?.string else {
            throw Failure(.unavailable, "\(client.api) made no access list \(list.name)")
        }
        try await client.create(list.entries, ofList: id)
    }
}

extension FastlyService.ACL.Entry {
    fileprivate var whole: [String] { [text, comment] }
}

// MARK: entries, which belong to no version

extension FastlyClient {
    /// One item as it shall be; nil for one that goes.
    package struct ItemChange: Sendable, Hashable {
        package let key: String
        package let value: String?

        package init(key: String, value: String?) {
            self.key = key
            self.value = value
        }
    }

    /// In batches; each is whole or not made at all.
    package func change(_ items: [ItemChange], ofDictionary id: String) async throws {
        for start in stride(from: 0, to: items.count, by: RemoteLimits.batch) {
            let batch = items[start..<min(start + RemoteLimits.batch, items.count)].map { item -> JSONValue in
                guard let value = item.value else {
                    return .object([
                        JSONMember("op", .string("delete")), JSONMember("item_key", .string(item.key)),
                    ])
                }
                return .object([
                    JSONMember("op", .string("upsert")), JSONMember("item_key", .string(item.key)),
                    JSONMember("item_value", .string(value)),
                ])
            }
            try await send(
                "PATCH", path("dictionary", id, "items"), .json(.object([JSONMember("items", .array(batch))]))
            )
        }
    }

    func create(_ entries: [FastlyService.ACL.Entry], ofList id: String) async throws {
        try await patch(
            entries.map { .object([JSONMember("op", .string("create"))] + $0.json.members) }, ofList: id)
    }

    /// Entries of a list as they shall be: those of `gone` go, by their ids.
    package func change(gone: [String], new: [FastlyService.ACL.Entry], ofList id: String) async throws {
        let deletions = gone.map {
            JSONValue.object([JSONMember("op", .string("delete")), JSONMember("id", .string($0))])
        }
        try await patch(
            deletions + new.map { .object([JSONMember("op", .string("create"))] + $0.json.members) },
            ofList: id)
    }

    private func patch(_ operations: [JSONValue], ofList id: String) async throws {
        for start in stride(from: 0, to: operations.count, by: RemoteLimits.batch) {
            let batch = Array(operations[start..<min(start + RemoteLimits.batch, operations.count)])
            try await send(
                "PATCH", path("acl", id, "entries"), .json(.object([JSONMember("entries", .array(batch))])))
        }
    }
}
