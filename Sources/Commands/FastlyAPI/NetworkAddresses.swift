import Foundation
import Kernel

/// The addresses of this machine, from which its edge asks origins.
enum NetworkAddresses {
    /// Each as a network of one, as firewalls want them; those that only this machine, or only its cable, can reach are left out
    /// unless there are no others.
    static func own() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [IPAddress] = []
        var next = first
        while let one = next {
            defer { next = one.pointee.ifa_next }
            guard let address = one.pointee.ifa_addr, let text = text(address), let parsed = IPAddress(text)
            else { continue }
            if !found.contains(parsed) { found.append(parsed) }
        }
        let reachable = found.filter { address in
            !["127.0.0.0/8", "::1", "fe80::/10"].contains { AddressRange($0)?.contains(address) ?? false }
        }
        return (reachable.isEmpty ? found : reachable).map { "\($0)/\($0.isIPv4 ? 32 : 128)" }
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
        let family = Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                address, socklen_t(size), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // An address of one cable names it: fe80::1%eth0.
        return text.split(separator: "%").first.map(String.init)
    }
}
