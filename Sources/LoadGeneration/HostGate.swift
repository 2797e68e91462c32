import Foundation
import HTTPKit
package import Kernel
package import NIOCore
package import Rehearsal

#if canImport(Glibc)
    import Glibc
#endif

/// Decides whether a host may be loaded: this machine may, every other one only while its owner says so.
package struct HostGate: Sendable {
    package let target: RehearsalTarget
    package let token: String?

    package init(target: RehearsalTarget, token: String?) {
        self.target = target
        self.token = token
    }

    /// The addresses of the host's name.
    package func addresses() throws(Failure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let (host, port) = (target.address.host, target.address.port)
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let first = found else {
            throw Failure(.unavailable, "there is no host '\(host)'", hint: "is the name right?")
        }
        defer { freeaddrinfo(first) }
        var all: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let info = next {
            switch Int32(info.pointee.ai_family) {
            case AF_INET:
                all.append(
                    SocketAddress(
                        info.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                            $0.pointee
                        }))
            case AF_INET6:
                all.append(
                    SocketAddress(
                        info.pointee.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                            $0.pointee
                        }))
            default: break
            }
            next = info.pointee.ai_next
        }
        return Array(Set(all)).sorted { "\($0)" < "\($1)" }
    }

    package static func areHere(_ addresses: [SocketAddress]) -> Bool {
        addresses.allSatisfy {
            $0.ipAddress.flatMap { IPAddress($0) }.map(RehearsalTarget.isLoopback) ?? false
        }
    }

    /// What the host's owner allows; nil for this machine, which needs no leave.
    /// - Throws: what is missing, and what to type.
    package func confirmation(for addresses: [SocketAddress], now: Int64) async throws -> HostConfirmation? {
        if HostGate.areHere(addresses) { return nil }
        let host = target.address.host
        guard let token else {
            throw Failure(
                .refused, "\(host) is not this machine, and nobody has confirmed that it may be loaded",
                hint: "hq rehearse authorize \(host) says what its owner publishes; then give --token")
        }
        guard HostConfirmation.isToken(token) else {
            throw Failure(.usage, "--token wants the word that 'hq rehearse authorize \(host)' made")
        }
        let client = HTTPClientKit(base: target.description, token: "")
        let answer: (status: Int, body: Data)
        do {
            answer = try await client.send("GET", HostConfirmation.path(token), timeout: .seconds(10))
        } catch {
            throw Failure(
                .unavailable, "\(target) does not answer", hint: "is the host up, and the scheme right?")
        }
        guard answer.status == 200, answer.body.count <= RehearsalLimits.confirmationBytes else {
            throw Failure(
                .refused,
                "\(host) does not confirm that it may be loaded: \(HostConfirmation.path(token)) answered \(answer.status)",
                hint: "hq rehearse authorize \(host) says what to publish")
        }
        return try HostConfirmation.read(
            String(decoding: answer.body, as: UTF8.self), host: host, token: token, now: now)
    }
}
