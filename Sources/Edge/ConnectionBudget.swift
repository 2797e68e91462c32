import Atomics
import Kernel
import NIOCore
import VCLRuntime

/// What makes two backends share connections.
struct OriginPlace: Hashable, Sendable {
    let host: String
    let port: Int
    let tls: BackendTLS?

    init(_ backend: Backend) {
        host = backend.host
        port = backend.port
        tls = backend.tls
    }
}

/// How many connections all loops together have to each place, and which loops wait for another one, in their order:
/// `.max_connections` holds for the edge, not for each of its loops.
final class ConnectionBudget: Sendable {
    typealias Grant = @Sendable () -> Void

    private struct Account {
        var open = 0
        var waiting: [(loop: any EventLoop, grant: Grant)] = []
    }

    private let accounts = Guarded<[OriginPlace: Account]>([:])
    /// Over all places, so that nobody looks for who waits while nobody does.
    private let waiting = ManagedAtomic(0)

    /// False when `limit` are open; the caller may `enlist` then.
    func take(_ place: OriginPlace, limit: Int) -> Bool {
        accounts.withLock { accounts in
            var account = accounts[place] ?? Account()
            guard account.open < limit else { return false }
            account.open += 1
            accounts[place] = account
            return true
        }
    }

    /// `grant` is called on `loop` once, with a connection's place in the account taken for it, unless `withdraw` comes before.
    func enlist(_ place: OriginPlace, on loop: any EventLoop, _ grant: @escaping Grant) {
        waiting.wrappingIncrement(ordering: .relaxed)
        accounts.withLock { $0[place, default: Account()].waiting.append((loop, grant)) }
    }

    /// One of the loop's wishes was met in another way.
    func withdraw(_ place: OriginPlace, on loop: any EventLoop) {
        accounts.withLock { accounts in
            guard var account = accounts[place],
                let index = account.waiting.firstIndex(where: { $0.loop === loop })
            else { return }
            account.waiting.remove(at: index)
            waiting.wrappingDecrement(ordering: .relaxed)
            accounts[place] = account
        }
    }

    /// Whether it is another loop's turn.
    func isDueElsewhere(_ place: OriginPlace, than loop: any EventLoop) -> Bool {
        guard waiting.load(ordering: .relaxed) > 0 else { return false }
        return accounts.withLock { accounts in
            guard let first = accounts[place]?.waiting.first else { return false }
            return first.loop !== loop
        }
    }

    /// A connection is gone.
    func give(_ place: OriginPlace) {
        let next = accounts.withLock { accounts -> (loop: any EventLoop, grant: Grant)? in
            guard var account = accounts[place] else { return nil }
            guard account.waiting.isEmpty else {
                let next = account.waiting.removeFirst()
                waiting.wrappingDecrement(ordering: .relaxed)
                accounts[place] = account
                return next
            }
            account.open -= 1
            accounts[place] = account.open > 0 ? account : nil
            return nil
        }
        next?.loop.execute { next?.grant() }
    }

    func open(_ place: OriginPlace) -> Int { accounts.withLock { $0[place]?.open ?? 0 } }
}
