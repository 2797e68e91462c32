import Foundation
import Journey
import Kernel

/// Whether an address is free, asked before anything starts: else an edge could share its port with a stranger.
enum ListenCheck {
    static func require(
        _ address: HostPort, for name: String, option: String? = nil, hint: String? = nil
    ) throws {
        guard address.port != 0 else { return }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, "\(address.port)", &hints, &found) == 0, let first = found else {
            throw Failure(.usage, "'\(address.host)' is no address to listen on")
        }
        defer { freeaddrinfo(found) }
        let socket = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        defer { close(socket) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(socket, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            throw Failure(
                .unavailable, "the \(name) cannot listen on \(address): \(String(cString: strerror(errno)))",
                hint: hint ?? "stop what uses it, or give --\(option ?? name) another address")
        }
    }
}
