package import Kernel

#if canImport(Glibc)
    import Glibc
#endif

/// A system call that failed.
package struct SocketError: Error, Sendable, CustomStringConvertible {
    /// `errno`.
    package let code: CInt

    package var description: String { String(cString: strerror(code)) }

    package static let isUsed = SocketError(code: EADDRINUSE)

    static var latest: SocketError { SocketError(code: errno) }
}

/// A socket that listens, held beside whatever accepts from it, so that it can be handed to the edge that takes over:
/// connections that wait in it then wait for that one. A socket that is closed instead resets them.
package struct ListeningSocket: Sendable {
    /// As it listens: `127.0.0.1:8080` or `unix:/path`. All sockets of a port have the same.
    package let place: String
    package let descriptor: CInt

    /// Connections that wait to be accepted; the kernel cuts it to `net.core.somaxconn`.
    package static let backlog: CInt = 4096

    /// Binds a new one to a port (0: any free one), which others may share (SO_REUSEPORT).
    package static func bound(to address: HostPort) throws(SocketError) -> ListeningSocket {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, "\(address.port)", &hints, &list) == 0, let first = list?.pointee
        else {
            throw SocketError(code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(list) }
        let descriptor = try listening(first.ai_family) { descriptor in
            var yes: CInt = 1
            let size = socklen_t(MemoryLayout<CInt>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, size)
            return bind(descriptor, first.ai_addr, first.ai_addrlen)
        }
        let port = port(of: descriptor) ?? address.port
        return ListeningSocket(place: "\(HostPort(host: address.host, port: port))", descriptor: descriptor)
    }

    /// Binds a new one to a path; a socket's file that is left there is replaced.
    package static func bound(to path: String) throws(SocketError) -> ListeningSocket {
        let descriptor = try listening(AF_UNIX) { descriptor in
            unlink(path)
            return UnixPath.with(path) { bind(descriptor, $0, $1) }
        }
        return ListeningSocket(place: "unix:\(path)", descriptor: descriptor)
    }

    private static func listening(_ family: CInt, _ bind: (CInt) -> CInt) throws(SocketError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw .latest }
        guard bind(descriptor) == 0, listen(descriptor, backlog) == 0 else {
            let error = SocketError.latest
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The port that the kernel chose.
    private static func port(of descriptor: CInt) -> Int? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0 else { return nil }
        // Both kinds of Internet address have it behind the family, in the network's order.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }

    /// The same socket once more, for an acceptor to close when it accepts no longer.
    package func duplicated() throws(SocketError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .latest }
        return copy
    }

    package func close() { _ = Glibc.close(descriptor) }

    /// Takes a Unix socket's file away: nobody listens there from now on, neither here nor in whoever took over.
    package func removeFile() { if place.hasPrefix("unix:") { unlink(String(place.dropFirst(5))) } }
}

/// The address of a Unix socket.
enum UnixPath {
    /// -1, with `errno`, when the path is too long.
    static func with(_ path: String, _ run: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8) + [0]
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard octets.count <= room.count else { return false }
            room.copyBytes(from: octets)
            return true
        }
        guard fits else {
            errno = ENAMETOOLONG
            return -1
        }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                run($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
