import Kernel
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// The addresses of backends' names, for all loops. A look-up runs on a thread that may wait; a name that was looked up once
/// never makes a request wait again: what is not fresh is used while it is looked up anew, and kept when that fails.
final class AddressBook: Sendable {
    /// Looks a name up; may wait. Ports are 0.
    typealias Lookup = @Sendable (_ host: String) throws -> [SocketAddress]
    typealias Answer = @Sendable ([SocketAddress]) -> Void

    fileprivate struct Entry {
        var addresses: [SocketAddress] = []
        var refresh = NIODeadline.uptimeNanoseconds(0)
        var isRefreshing = false
        var lastUse = NIODeadline.uptimeNanoseconds(0)
        var waiting: [(loop: any EventLoop, answer: Answer)] = []
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        var failed: [SocketAddress: NIODeadline] = [:]
    }

    private let state = Guarded(State())
    private let lookUp: Lookup
    private let clock: @Sendable () -> NIODeadline

    init(
        clock: @escaping @Sendable () -> NIODeadline = { .now() },
        lookUp: @escaping Lookup = AddressBook.askSystem
    ) {
        self.clock = clock
        self.lookUp = lookUp
    }

    /// Calls `answer` on `loop`, at once when the addresses are known, with those to try, in that order; with none when the name
    /// has none.
    func find(
        _ host: String, port: Int, prefersIPv6: Bool, on loop: any EventLoop, _ answer: @escaping Answer
    ) {
        if let literal = try? SocketAddress(ipAddress: host, port: port) { return answer([literal]) }
        let ordered: @Sendable ([SocketAddress]) -> Void = { found in
            answer(self.order(found, port: port, prefersIPv6: prefersIPv6))
        }
        let now = clock()
        let (known, shallAsk) = state.withLock { state -> ([SocketAddress]?, Bool) in
            if state.entries[host] == nil { state.makeRoom() }
            var entry = state.entries[host] ?? Entry()
            entry.lastUse = now
            let isFresh = now < entry.refresh
            let shallAsk = !isFresh && !entry.isRefreshing
            if shallAsk { entry.isRefreshing = true }
            // Fresh and empty: it was looked up a moment ago, in vain.
            let known = isFresh || !entry.addresses.isEmpty ? entry.addresses : nil
            if known == nil { entry.waiting.append((loop, ordered)) }
            state.entries[host] = entry
            return (known, shallAsk)
        }
        if shallAsk { ask(host) }
        if let known { ordered(known) }
    }

    private func ask(_ host: String) {
        NIOThreadPool.singleton.submit { [self] _ in
            let found = (try? lookUp(host)) ?? []
            let now = clock()
            let waiting = state.withLock { state -> [(loop: any EventLoop, answer: Answer)] in
                guard var entry = state.entries[host] else { return [] }
                if !found.isEmpty { entry.addresses = Array(found.prefix(OriginLimits.addresses)) }
                let seconds = found.isEmpty ? OriginLimits.failedLookupSeconds : OriginLimits.addressSeconds
                entry.refresh = now + .seconds(seconds)
                entry.isRefreshing = false
                let waiting = entry.waiting
                entry.waiting = []
                state.entries[host] = entry
                return waiting
            }
            let known = state.withLock { $0.entries[host]?.addresses ?? [] }
            for one in waiting { one.loop.execute { one.answer(known) } }
        }
    }

    // MARK: which first

    func failed(_ address: SocketAddress) {
        let until = clock() + .seconds(OriginLimits.failedAddressSeconds)
        state.withLock { state in
            if state.failed.count >= OriginLimits.failedAddresses { state.failed.removeAll() }
            state.failed[address] = until
        }
    }

    func succeeded(_ address: SocketAddress) {
        state.withLock { if !$0.failed.isEmpty { $0.failed[address] = nil } }
    }

    private func order(_ found: [SocketAddress], port: Int, prefersIPv6: Bool) -> [SocketAddress] {
        let now = clock()
        let placed = found.map { address in
            var address = address
            address.port = port
            return address
        }
        let failed = state.withLock { state in
            state.failed.isEmpty ? [] : Set(placed.filter { (state.failed[$0] ?? now) > now })
        }
        return AddressBook.order(placed, prefersIPv6: prefersIPv6, failed: failed)
    }

    /// The families take turns, so that one that does not work costs one attempt (RFC 8305, section 4); what failed of late comes
    /// last.
    static func order(
        _ addresses: [SocketAddress], prefersIPv6: Bool, failed: Set<SocketAddress>
    ) -> [SocketAddress] {
        func turns(_ all: [SocketAddress]) -> [SocketAddress] {
            let preferred: NIOBSDSocket.ProtocolFamily = prefersIPv6 ? .inet6 : .inet
            let first = all.filter { $0.protocol == preferred }
            let second = all.filter { $0.protocol != preferred }
            return (0..<max(first.count, second.count)).flatMap { index in
                [first, second].compactMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
        return turns(addresses.filter { !failed.contains($0) })
            + turns(addresses.filter { failed.contains($0) })
    }

    // MARK: the system

    @Sendable private static func askSystem(_ host: String) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else {
            throw Failure(.unavailable, "there is no host '\(host)'")
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let info = next {
            next = info.pointee.ai_next
            guard let raw = UnsafeRawPointer(info.pointee.ai_addr) else { continue }
            switch info.pointee.ai_family {
            case AF_INET: found.append(SocketAddress(raw.load(as: sockaddr_in.self)))
            case AF_INET6: found.append(SocketAddress(raw.load(as: sockaddr_in6.self)))
            default: break
            }
        }
        return found
    }
}

private extension AddressBook.State {
    /// Forgets the name that was asked for longest ago, when there are too many; never one that somebody waits for.
    mutating func makeRoom() {
        guard entries.count >= OriginLimits.names else { return }
        let idle = entries.filter { $0.value.waiting.isEmpty && !$0.value.isRefreshing }
        if let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) { entries[oldest.key] = nil }
    }
}
