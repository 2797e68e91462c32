package import EdgeLink
import HTTPCache
import Kernel
import RequestFlow
import VCLRuntime

extension EdgeCore {
    /// Forgets what `order` names, or (soft) marks it stale.
    package func purge(_ order: PurgeOrder) {
        let now = wallClock()
        let part = order.service.map { purged(ofService: $0) } ?? PurgedPart.everything
        withExtendedLifetime(part) {
            switch order.scope {
            case .all where order.service == nil: cache.purgeAll(soft: order.soft, now: now)
            case .all: cache.purgeAll(within: part.scope, soft: order.soft, now: now)
            case .key(let key):
                key.withBytes {
                    _ = cache.purge(surrogateKey: $0, soft: order.soft, now: now, within: part.scope)
                }
            case .url(let host, let target):
                for beginning in part.beginnings(snapshot) {
                    "\(beginning)\(target)\u{0}\(host)\u{0}".withBytes {
                        purge($0, soft: order.soft, now: now)
                    }
                }
            }
        }
    }

    private func purged(ofService id: String) -> PurgedPart {
        snapshot.service?.id == id ? .campaign : .service(LiteralBytes(ServiceIdentity.keyPrefix(id)))
    }
}

/// Whose objects a purge is about.
private enum PurgedPart {
    case everything
    case campaign
    case service(LiteralBytes)

    private static let marker = LiteralBytes(ServiceIdentity.marker)

    var scope: KeyScope {
        switch self {
        case .everything: .all
        case .campaign: .others(than: PurgedPart.marker.bytes)
        case .service(let prefix): .beginning(with: prefix.bytes)
        }
    }

    /// How the keys of one address begin.
    func beginnings(_ snapshot: Snapshot) -> [String] {
        switch self {
        case .everything:
            [""] + (snapshot.services?.snapshots.compactMap { $0.service?.keyPrefix.string } ?? [])
        case .campaign: [""]
        case .service(let prefix): [prefix.bytes.string]
        }
    }
}
