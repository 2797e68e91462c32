import CampaignFile
import Diagnostics
import Dictionaries
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
package import Remote
import Store
import VCLService

/// A service of Fastly's that serves the same as the edges here.
extension Control {
    /// The service of the campaign file, with the key of its file.
    func remoteClient() throws -> (client: FastlyClient, remote: Campaign.Remote) {
        guard let remote = campaign.remote else {
            throw Failure(
                .notFound, "the campaign has no service elsewhere",
                hint: "add edge: remote: {service: ID, key: FILE} to campaign.yaml")
        }
        let file =
            remote.key.hasPrefix("/")
            ? URL(fileURLWithPath: remote.key) : folder.appendingPathComponent(remote.key)
        let data = FileManager.default.contents(atPath: file.path)
        let key = data.map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let key, !key.isEmpty else {
            throw Failure(
                .notFound, "the key of the service elsewhere cannot be read: \(remote.key)",
                hint: "write the API's key into it, readable for this user alone")
        }
        return (FastlyClient(api: remote.api, service: remote.service, key: key), remote)
    }

    /// What the service is to be: the active program with its backends, dictionaries and access lists.
    func serviceHere(_ remote: Campaign.Remote) throws -> FastlyService {
        let snapshot = try snapshot()
        var service = FastlyService()
        let program = CampaignProgram(campaign, snapshot.files, origin: originAddress)
        let main = FastlyService.VCLFile(
            name: program.main.name, content: String(decoding: program.main.bytes, as: UTF8.self),
            isMain: true)
        service.files =
            [main]
            + program.programFiles.filter { $0.name != main.name }.map {
                FastlyService.VCLFile(name: $0.name, content: String(decoding: $0.bytes, as: UTF8.self))
            }
        let backends =
            campaign.backends.isEmpty ? [Campaign.Backend(name: "origin", address: nil)] : campaign.backends
        for one in backends {
            guard let place = one.address ?? remote.origin else { continue }
            var backend = FastlyService.Backend()
            (backend.name, backend.address, backend.port) = (one.name, place.host, place.port)
            service.backends.append(backend)
        }
        for one in campaign.dictionaries {
            let entries = (snapshot.dictionaries[one.name] ?? [:]).sorted { $0.key < $1.key }
            if one.kind == .addresses {
                var list = FastlyService.ACL()
                list.name = one.name
                list.entries = entries.compactMap { .init(key: $0.key, comment: $0.value) }
                service.acls.append(list)
            } else {
                var dictionary = FastlyService.Dictionary(
                    name: one.name, items: entries.map { .init(key: $0.key, value: $0.value) })
                dictionary.isWriteOnly = one.kind == .secrets
                service.dictionaries.append(dictionary)
            }
        }
        return service
    }

    private func live(_ client: FastlyClient) async throws -> RemoteVersion {
        guard let number = try await client.activeVersion() else {
            throw Failure(
                .conflict, "no version of the service is live at \(client.api)",
                hint: "activate one there first, so that there is something to go back to")
        }
        return try await RemoteVersion.read(number, from: client)
    }

    /// What differs, and the number of the version that is live there.
    package func remoteDifferences() async throws -> (version: Int, differences: [RemoteDifference]) {
        let (client, remote) = try remoteClient()
        let there = try await live(client)
        return (there.number, RemoteDifference.list(here: try serviceHere(remote), there: there.service))
    }

    // MARK: push

    /// Makes the service there what is active here, as one new version; the one before stays, and an undo activates it again.
    package func pushRemote(_ request: Request) async throws -> (
        result: Result, differences: [RemoteDifference]
    ) {
        try require(.operator, request.actor)
        let (client, remote) = try remoteClient()
        let there = try await live(client)
        let mark = try store.read { try Ledger.head(in: $0).number }
        let here = try serviceHere(remote)
        let differences = RemoteDifference.list(here: here, there: there.service)
        let secrets = here.dictionaries.filter(\.isWriteOnly).map(\.name)
        guard !differences.isEmpty || !secrets.isEmpty else {
            throw Failure(
                .conflict, "version \(there.number) there is as it is here", hint: "nothing to push")
        }
        let id = remote.service
        guard !request.dryRun else {
            let result = try await carryOut(request, needs: .operator) { _ in
                Control.activation(of: there.number + 1, after: there.number, id, differences.count)
            }
            return (result, differences)
        }
        let update = revision
        try store.write {
            let state = try Remote.state(of: id, in: $0)
            // What others activated there meanwhile is what an undo leads back to.
            if state.wanted != "\(there.number)" { try Remote.note(live: there.number, of: id, in: $0) }
            // What follows begins here: what was before is in what is pushed.
            guard state.wanted == nil else { return }
            try Remote.mirrored(try Ledger.head(in: $0).number, of: id, in: $0)
            try Remote.purged(update, of: id, in: $0)
        }
        let draft = try await RemoteDraft(client: client, here: here, there: there).make(
            saying: request.because ?? "pushed by \(request.actor.name)")
        let result = try await carryOut(request, needs: .operator) { _ in
            Control.activation(of: draft, after: there.number, id, differences.count)
        }
        // What changed while the draft was filled is not in it, and may have followed to what was live before.
        try store.write { try Remote.mirrored(mark, of: id, in: $0) }
        return (result, differences)
    }

    private static func activation(of draft: Int, after live: Int, _ service: String, _ count: Int) -> Change
    {
        Change(
            summary:
                "service \(service) elsewhere: version \(live) -> \(draft), \(counted(count, "difference"))",
            edits: [Edit(Remote.kind, [service], before: "\(live)", after: "\(draft)")])
    }

    // MARK: pull

    /// Makes what is active here what is live there, as one change: VCL, and the entries of dictionaries that are declared here.
    /// What campaign.yaml would have to say besides is named.
    package func pullRemote(_ request: Request) async throws -> (result: Result, left: [String]) {
        try require(.operator, request.actor)
        let (client, remote) = try remoteClient()
        let there = try await live(client)
        let here = try serviceHere(remote)
        let active = try store.read { try CampaignFiles.active(in: $0) }
        let files = try filesAfterPull(there.service, active)
        var wishes: [Wish] = []
        for declared in campaign.dictionaries where declared.kind != .secrets {
            let now = Control.entries(of: declared.name, in: here)
            guard let wanted = Control.entries(of: declared.name, in: there.service) else { continue }
            wishes += wanted.filter { now?[$0.key] != $0.value }.map { Wish(declared.name, $0.key, $0.value) }
            wishes += (now ?? [:]).filter { wanted[$0.key] == nil }.map { Wish(declared.name, $0.key, nil) }
        }
        let fileEdits = CampaignFiles.change(from: active, to: files, summary: "").edits
        guard !fileEdits.isEmpty || !wishes.isEmpty else {
            throw Failure(.conflict, "here is what version \(there.number) there is", hint: "nothing to pull")
        }
        let seal = seal
        let summary =
            "pulled version \(there.number) of the service \(remote.service): \(counted(fileEdits.count, "file")), \(counted(wishes.count, "entry", "entries"))"
        let result = try await carryOut(request, needs: .operator) { [wishes] transaction in
            let entries =
                wishes.isEmpty
                ? [] : try Dictionaries.planChangeSet(wishes, seal: seal, in: transaction).edits
            return Change(summary: summary, edits: fileEdits + entries)
        }
        return (result, Control.left(here, there.service))
    }

    private static func entries(of name: String, in service: FastlyService) -> [String: String]? {
        if let list = service.acls.first(where: { $0.name == name }) {
            return Dictionary(list.entries.map { ($0.text, $0.comment) }, uniquingKeysWith: { $1 })
        }
        return service.dictionaries.first { $0.name == name }.map {
            Dictionary($0.items.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        }
    }

    /// The campaign's files with the program of there; tests stay.
    private func filesAfterPull(_ there: FastlyService, _ active: [String: String]) throws -> [String: String]
    {
        guard !there.files.isEmpty else { return active }
        guard let path = campaign.vcl else {
            throw Failure(
                .conflict, "the campaign has no VCL of its own to be replaced",
                hint: "add edge: vcl: edge/main.vcl to campaign.yaml, with a file there")
        }
        var files = active.filter { !$0.key.hasSuffix(".vcl") || $0.key.hasSuffix(".test.vcl") }
        for file in there.files {
            let isMain = file.isMain || there.files.count == 1
            let name = file.name.hasSuffix(".vcl") ? file.name : file.name + ".vcl"
            files[isMain ? path : name] = file.content
        }
        return files
    }

    /// What is there and stands in campaign.yaml here.
    private static func left(_ here: FastlyService, _ there: FastlyService) -> [String] {
        RemoteDifference.list(here: here, there: there).filter {
            [.backend, .dictionary, .acl].contains($0.kind) && $0.there != nil
        }.map {
            "the \($0.kind.rawValue) \($0.name) there is not the one here: \($0.there ?? ""); campaign.yaml says which"
        }
    }

    // MARK: the reconciler

    /// Follows a change of which version is to be live there at once, and says what became of it; nil for any other change.
    func followElsewhere(_ change: Change) async -> String? {
        guard let wanted = change.edits.first(where: { $0.kind == Remote.kind })?.after else { return nil }
        await reconcileRemote()
        let id = campaign.remote?.service ?? ""
        let isLive = (try? store.read { try Remote.state(of: id, in: $0).reached == wanted }) ?? false
        return isLive
            ? "version \(wanted) is live there" : remoteNote ?? "version \(wanted) follows as soon as it can"
    }

    /// Activates what is to be live there, and lets entries follow. Idempotent; what cannot be done now is done later.
    package func reconcileRemote() async {
        guard let (client, remote) = try? remoteClient(), !isReconciling else { return }
        isReconciling = true
        defer { isReconciling = false }
        do {
            let state = try store.read { try Remote.state(of: remote.service, in: $0) }
            if let wanted = state.wanted, wanted != state.reached, let number = Int(wanted) {
                if try await client.activeVersion() != number { try await client.activate(number) }
                try store.write { try Remote.reached(wanted, of: remote.service, in: $0) }
            }
            if remote.mirrors, state.wanted != nil {
                try await mirror(client, state)
                try await purge(client, state)
            }
            remoteNote = try await drift(client, remote)
        } catch {
            let failure = error as? Failure
            remoteNote = "the service elsewhere is not as it shall be: \(failure?.message ?? "\(error)")"
        }
    }

    /// Entries that changed since the last time, in batches.
    private func mirror(_ client: FastlyClient, _ state: Remote.State) async throws {
        var filter = Ledger.Filter()
        (filter.after, filter.limit) = (state.mirrored, 10_000)
        let entries = try store.read { [filter] in try Ledger.list(filter, in: $0) }
        guard let last = entries.first?.number else { return }
        var touched: [String: Set<String>] = [:]
        let names = Set(campaign.dictionaries.map(\.name))
        for edit in entries.filter({ $0.outcome == .applied }).flatMap(\.change.edits)
        where edit.kind == Dictionaries.kind && names.contains(edit.path[0]) {
            touched[edit.path[0], default: []].insert(edit.path[1])
        }
        if !touched.isEmpty, let number = try await client.activeVersion() {
            // Items of dictionaries need no look before: they are set whatever they are.
            let lists = Set(campaign.dictionaries.filter { $0.kind == .addresses }.map(\.name))
            let there = try await RemoteVersion.lists(number, from: client) {
                lists.contains($0) && touched[$0] != nil
            }
            let now = try snapshot().dictionaries
            for (name, keys) in touched.sorted(by: { $0.key < $1.key }) {
                let isSecret = campaign.dictionaries.contains { $0.name == name && $0.kind == .secrets }
                let isReadable = there.service.dictionaries.contains { $0.name == name && !$0.isWriteOnly }
                // A secret goes to no dictionary that others can read there; a push makes one that nobody can.
                if isSecret, isReadable { continue }
                if let id = there.dictionaryIDs[name] {
                    let items = keys.sorted().map { FastlyClient.ItemChange(key: $0, value: now[name]?[$0]) }
                    try await client.change(items, ofDictionary: id)
                } else if let id = there.listIDs[name] {
                    let gone = keys.compactMap { AddressEntry($0)?.text }.compactMap {
                        there.entryID(of: $0, in: name)
                    }
                    let new = keys.compactMap { key in
                        now[name]?[key].flatMap { FastlyService.ACL.Entry(key: key, comment: $0) }
                    }
                    try await client.change(gone: gone, new: new, ofList: id)
                }
            }
        }
        try store.write { try Remote.mirrored(last, of: client.service, in: $0) }
    }

    private func purge(_ client: FastlyClient, _ state: Remote.State) async throws {
        for order in try store.read({ try Purges.missed(since: state.purged, in: $0) }) {
            let what: FastlyClient.Purge =
                switch order.scope {
                case .all: .all
                case .key(let key): .key(key)
                case .url(let host, let target): .url(host: host, target: target)
                }
            try await client.purge(what, soft: order.soft)
            try store.write { try Remote.purged(order.number, of: client.service, in: $0) }
        }
    }

    /// Whether something waits to be done there.
    package var isRemoteBehind: Bool {
        guard let remote = campaign.remote else { return false }
        let read = try? store.read { transaction in
            let state = try Remote.state(of: remote.service, in: transaction)
            let isNew = try Ledger.head(in: transaction).number > state.mirrored
            return state.wanted != nil && (state.wanted != state.reached || remote.mirrors && isNew)
        }
        return read ?? false
    }

    /// A sentence when the service is not as it was left.
    private func drift(_ client: FastlyClient, _ remote: Campaign.Remote) async throws -> String? {
        let state = try store.read { try Remote.state(of: remote.service, in: $0) }
        guard let wanted = state.wanted else { return nil }
        let live = try await client.activeVersion()
        if let live, "\(live)" != wanted {
            return
                "version \(live) of the service \(remote.service) is live at \(remote.api), not \(wanted), which was pushed: hq edge remote diff"
        }
        guard remote.mirrors else { return nil }
        let differences = RemoteDifference.list(
            here: try serviceHere(remote), there: try await self.live(client).service)
        guard !differences.isEmpty else { return nil }
        return
            "the service \(remote.service) at \(remote.api) differs in \(counted(differences.count, "thing")): hq edge remote diff"
    }
}
