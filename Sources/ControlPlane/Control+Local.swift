package import CampaignFile
package import Foundation
import Journey
import Kernel
import People
import Store

/// Where a command on the same machine finds its control plane: two files in `.hq/` that only their owner may read.
package struct LocalAccess: Sendable, Codable {
    package let url: String
    package let token: String

    package init(url: String, token: String) {
        self.url = url
        self.token = token
    }

    package static func path(in folder: URL) -> URL { folder.appendingPathComponent(".hq/access.json") }
    package static func edgePath(in folder: URL) -> URL {
        folder.appendingPathComponent(".hq/edge-access.json")
    }

    package static func read(_ path: URL) -> LocalAccess? {
        FileManager.default.contents(atPath: path.path).flatMap {
            try? JSONDecoder().decode(LocalAccess.self, from: $0)
        }
    }

    package func write(_ path: URL) throws {
        let temporary = path.deletingLastPathComponent().appendingPathComponent(
            ".\(path.lastPathComponent).new")
        guard
            FileManager.default.createFile(
                atPath: temporary.path, contents: try JSON.text(of: self),
                attributes: [.posixPermissions: 0o600]),
            rename(temporary.path, path.path) == 0
        else { throw Failure(.unavailable, "cannot write \(path.path)") }
    }
}

extension Control {
    static let localLabel = "this machine"

    /// Writes the files by which local commands and edges find this control plane. Local commands act as the first admin; their
    /// token is new each time.
    package func openLocalAccess(url: String) throws {
        let token = People.newToken()
        let now = Control.milliseconds()
        let campaign = campaign
        try store.write { transaction in
            let admins = try People.admins(in: transaction)
            guard let admin = campaign.people.map(\.name).first(where: admins.contains) ?? admins.first else {
                throw Failure(.conflict, "nobody is an admin")
            }
            try People.removeTokens(label: Control.localLabel, in: transaction)
            let row = People.Token(
                id: try People.nextTokenID(in: transaction), person: admin, role: .admin,
                label: Control.localLabel,
                expires: now + 3650 * 86_400_000)
            try People.insert(token, row, now: now, in: transaction)
        }
        try LocalAccess(url: url, token: token).write(LocalAccess.path(in: folder))
        let old = LocalAccess.read(LocalAccess.edgePath(in: folder))
        let edgeAccess = LocalAccess(url: url, token: old?.token ?? People.newToken())
        try edgeAccess.write(LocalAccess.edgePath(in: folder))
        edgeToken.withLock { $0 = People.hash(edgeAccess.token) }
    }
}

extension Control {
    /// The person as whom local commands act may have left; then they act as another admin.
    func renewLocalAccess() {
        guard let access = LocalAccess.read(LocalAccess.path(in: folder)) else { return }
        let actor = try? store.read {
            try People.actor(token: access.token, door: .terminal, now: Control.milliseconds(), in: $0)
        }
        if actor?.role != .admin { try? openLocalAccess(url: access.url) }
    }

    /// The campaign file that is active, for the origin: what lies on disk may have been refused.
    nonisolated func publishSites() {
        let text = try? store.read { try CampaignFiles.active(in: $0)[CampaignReading.fileName] }
        guard let text = text.flatMap(\.self) else { return }
        try? Data(text.utf8).write(
            to: folder.appendingPathComponent(CampaignReading.activeName), options: .atomic)
    }
}

extension Control {
    package var timeZone: TimeZone { campaign.timeZone }
    package var currentCampaign: Campaign { campaign }
    package var events: [Campaign.Event] { campaign.events }
}
