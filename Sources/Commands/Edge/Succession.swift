import Edge
import Foundation
import Kernel
import SocketHandover

/// One edge in a row of edges at the same addresses: it takes over from the one before it, and hands over to the next.
final class Succession: Sendable {
    private let path: String?
    private let taken: Handover.Taken?
    private let offer = Guarded<HandoverOffer?>(nil)
    private let isRetired = Guarded(false)

    /// Where an edge of a campaign offers its listeners.
    static func path(of edge: String, in folder: URL) -> String {
        folder.appendingPathComponent(".hq/\(edge).handover").path
    }

    /// Fetches the sockets of the edge at `path`, if one is there. Without a path there is no succession.
    init(at path: String?) throws {
        self.path = path
        taken = try path.flatMap { try Handover.take(at: $0) }
    }

    var takesOver: Bool { taken != nil }

    func begin(on server: EdgeServer) { server.inherit(taken?.sockets ?? []) }

    /// Everything is bound: the edge before this one may go, and the next one may come.
    func complete(on server: EdgeServer) throws {
        server.dropUnclaimed()
        if let path {
            let made = try HandoverOffer(server.sockets, at: path) { [isRetired] in
                isRetired.withLock { $0 = true }
                server.stopAccepting()
                // As if somebody had asked it to end, which is what it does.
                kill(getpid(), SIGTERM)
            }
            offer.withLock { $0 = made }
        }
        taken?.confirm()
    }

    func abandon() {
        offer.withLock(\.self)?.withdraw()
        taken?.refuse()
    }

    /// Hands over to nobody any more; says whether it has done so.
    func end() -> Bool {
        if isRetired.withLock(\.self) { return true }
        offer.withLock(\.self)?.withdraw()
        return isRetired.withLock(\.self)
    }
}
