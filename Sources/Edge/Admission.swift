import Atomics
import Kernel
import NIOCore

/// Who may connect, and ask. One for all loops: a client's connections lie on any of them. A lock is taken where a
/// connection begins and ends, never for a request.
final class Admission: Sendable {
    /// How a connection is turned away.
    enum Refusal: Sendable { case full, client, network, debt }

    let limits: AdmissionLimits
    private let open = ManagedAtomic(0)
    private let clients: AccountTable?
    private let networks: AccountTable?

    init(_ limits: AdmissionLimits = AdmissionLimits()) {
        self.limits = limits
        let concerns = limits.concernsClients
        clients =
            concerns
            ? AccountTable(
                AdmissionLimits.clientBits, connections: limits.connectionsPerClient,
                requests: limits.requestsPerClient) : nil
        networks =
            concerns
            ? AccountTable(
                AdmissionLimits.networkBits, connections: limits.connectionsPerNetwork,
                requests: limits.requestsPerNetwork) : nil
    }

    var openConnections: Int { open.load(ordering: .relaxed) }

    /// What a connection from `address` holds until it ends, or why there shall be none. `now` is in nanoseconds.
    func admit(_ address: IPAddress, now: Int64) -> Result<AdmissionTicket, AdmissionRefused> {
        guard open.wrappingIncrementThenLoad(ordering: .relaxed) <= limits.connections else {
            open.wrappingDecrement(ordering: .relaxed)
            return .failure(AdmissionRefused(why: .full))
        }
        let ticket = AdmissionTicket(self)
        // A Unix socket has no address, and its folder's permissions say who may write to it.
        guard let clients, let networks, address != .unspecified,
            !limits.exempt.contains(where: { $0.contains(address) })
        else { return .success(ticket) }
        // The ticket gives back what it holds, whatever comes next.
        switch clients.open(address, now: now) {
        case .success(let account): ticket.client = account
        case .failure(let refused): return .failure(refused.why == .full ? .init(why: .client) : refused)
        }
        switch networks.open(address, now: now) {
        case .success(let account): ticket.network = account
        case .failure(let refused): return .failure(refused.why == .full ? .init(why: .network) : refused)
        }
        return .success(ticket)
    }

    fileprivate func close(_ ticket: AdmissionTicket) {
        open.wrappingDecrement(ordering: .relaxed)
        if let client = ticket.client { clients?.close(client) }
        if let network = ticket.network { networks?.close(network) }
    }
}

struct AdmissionRefused: Error { let why: Admission.Refusal }

/// A connection's place. It gives it back when nobody holds it any more.
final class AdmissionTicket: @unchecked Sendable {
    private let admission: Admission
    fileprivate(set) var client: Account?
    fileprivate(set) var network: Account?

    fileprivate init(_ admission: Admission) { self.admission = admission }

    deinit { admission.close(self) }

    /// Whether its client and its network may ask one more time now; it counts.
    func mayAsk(now: Int64) -> Bool {
        guard client != nil || network != nil else { return true }
        return (client?.take(now: now) ?? true) && (network?.take(now: now) ?? true)
    }

    /// Whether requests are counted at all, so that nobody looks at a clock for nothing.
    var countsRequests: Bool { client?.interval != nil || network?.interval != nil }
}

/// What one client, or one network, has at the moment. Requests are counted by the moment at which the next would be due at
/// the wanted rate (the generic cell rate algorithm, ITU-T I.371): one number, changed without a lock.
final class Account: Sendable {
    fileprivate let key: IPAddress
    /// Nanoseconds between two requests at the limit; nil without one.
    let interval: Int64?
    private let burst: Int64
    private let due = ManagedAtomic<Int64>(0)
    /// Guarded by its shard's lock.
    fileprivate let open = ManagedAtomic(0)

    fileprivate init(_ key: IPAddress, requests: Double?) {
        self.key = key
        interval = requests.map { Int64(1e9 / $0) }
        let atOnce = requests.map { max(AdmissionLimits.leastBurst, $0 * AdmissionLimits.burstSeconds) } ?? 0
        burst = Int64(atOnce * Double(interval ?? 0))
    }

    fileprivate func take(now: Int64) -> Bool {
        guard let interval else { return true }
        var old = due.load(ordering: .relaxed)
        while true {
            let from = max(old, now)
            guard from - now <= burst - interval else { return false }
            let (exchanged, seen) = due.weakCompareExchange(
                expected: old, desired: from + interval, successOrdering: .relaxed, failureOrdering: .relaxed)
            if exchanged { return true }
            old = seen
        }
    }

    /// Has used up its burst: who opens a new connection for each request gets no further than who keeps one.
    fileprivate func isInDebt(now: Int64) -> Bool {
        guard let interval else { return false }
        return due.load(ordering: .relaxed) - now > burst - interval
    }

    /// Nothing about it needs to be remembered.
    fileprivate func isForgettable(now: Int64) -> Bool {
        open.load(ordering: .relaxed) == 0 && due.load(ordering: .relaxed) <= now
    }
}

/// The accounts of clients or of networks, by the leading bits of their addresses.
private final class AccountTable: Sendable {
    private let bits: (v4: Int, v6: Int)
    private let connections: Int?
    private let requests: Double?
    private let shards: [Guarded<[IPAddress: Account]>]
    private static let perShard = AdmissionLimits.accounts / AdmissionLimits.shards

    init(_ bits: (v4: Int, v6: Int), connections: Int?, requests: Double?) {
        self.bits = bits
        self.connections = connections
        self.requests = requests
        shards = (0..<AdmissionLimits.shards).map { _ in Guarded([:]) }
    }

    private func shard(_ key: IPAddress) -> Guarded<[IPAddress: Account]> {
        shards[Int(truncatingIfNeeded: UInt64(bitPattern: Int64(key.hashValue)) % UInt64(shards.count))]
    }

    /// The account with one more connection; nil when there is no place for it.
    func open(_ address: IPAddress, now: Int64) -> Result<Account?, AdmissionRefused> {
        let key = address.prefix(address.isIPv4 ? bits.v4 : bits.v6)
        return shard(key).withLock { accounts in
            guard let account = find(key, in: &accounts, now: now) else { return .success(nil) }
            if account.isInDebt(now: now) { return .failure(AdmissionRefused(why: .debt)) }
            if let connections, account.open.load(ordering: .relaxed) >= connections {
                return .failure(AdmissionRefused(why: .full))
            }
            account.open.wrappingIncrement(ordering: .relaxed)
            return .success(account)
        }
    }

    private func find(_ key: IPAddress, in accounts: inout [IPAddress: Account], now: Int64) -> Account? {
        if let found = accounts[key] { return found }
        if accounts.count >= AccountTable.perShard {
            accounts = accounts.filter { !$0.value.isForgettable(now: now) }
            guard accounts.count < AccountTable.perShard else { return nil }
        }
        let made = Account(key, requests: requests)
        accounts[key] = made
        return made
    }

    func close(_ account: Account) {
        shard(account.key).withLock { _ in account.open.wrappingDecrement(ordering: .relaxed) }
    }
}

extension IPAddress {
    /// The address with all but its leading bits zero; for IPv4, `bits` counts from the start of its 32 bits.
    func prefix(_ bits: Int) -> IPAddress {
        let total = isIPv4 ? bits + 96 : bits
        func mask(_ count: Int) -> UInt64 {
            count <= 0 ? 0 : count >= 64 ? .max : ~(UInt64.max >> UInt64(count))
        }
        return IPAddress(high: high & mask(total), low: low & mask(total - 64))
    }
}
