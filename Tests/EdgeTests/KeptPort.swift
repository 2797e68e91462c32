import Foundation
import Kernel
import NIOCore

/// A port that nobody else is given while this lives, whether somebody listens on it or not: an origin that was stopped
/// refuses connections, and no other test's origin answers in its place. Who listens on it allows for its use (SO_REUSEADDR).
final class KeptPort: Sendable {
    private let descriptor: Int32
    let number: Int

    /// `port` 0 is any free one.
    init(on address: String, port: Int = 0) throws {
        let place = try SocketAddress(ipAddress: address, port: port)
        let family = if case .v6 = place { AF_INET6 } else { AF_INET }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, Int32(IPPROTO_TCP))
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = place.withSockAddr { bind(descriptor, $0, socklen_t($1)) == 0 }
        guard isBound else {
            let why = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(.unavailable, "no port of \(address): \(why)")
        }
        var bound = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        // It stands in the same place in both families.
        let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_port)!
        self.descriptor = descriptor
        number = withUnsafeBytes(of: &bound) {
            Int(UInt16(bigEndian: $0.load(fromByteOffset: offset, as: UInt16.self)))
        }
    }

    deinit { close(descriptor) }
}
