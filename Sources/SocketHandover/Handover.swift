import Foundation
import Kernel

/// How one edge takes over from another without losing a connection: a new program, or new options, with the same
/// addresses. The one that serves offers its listening sockets at a path; the new one fetches them, makes everything ready, and
/// says so; only then the old one accepts nobody any more, says that, and lets its requests end. Who comes in between waits in
/// the sockets. A new one that fails before that changes nothing.
///
/// Nothing of the cache goes over: two programs need not agree on what lies in memory.
package enum Handover {
    /// Octets of an offer: a place for each of the most descriptors that one message takes.
    static let bytes = 64 * 1024
    /// Seconds that a successor may take from fetching the sockets to being ready; after them it is taken for dead.
    static let patienceSeconds = 60

    struct Offer: Codable {
        /// One for each descriptor.
        let places: [String]
        /// Who offers.
        let process: Int32
    }

    /// Listening sockets of an edge that waits for our word.
    package struct Taken: Sendable {
        package let sockets: [ListeningSocket]
        /// Of the edge that has them.
        package let process: Int32
        fileprivate let line: CInt

        /// We are ready to serve. Blocks until the other edge accepts nobody any more, or is gone.
        package func confirm() {
            var word: UInt8 = 1
            if send(line, &word, 1, CInt(MSG_NOSIGNAL)) == 1 { _ = recv(line, &word, 1, 0) }
            close(line)
        }

        /// We shall not serve: the other edge goes on.
        package func refuse() {
            for socket in sockets { socket.close() }
            close(line)
        }
    }

    /// The sockets of the edge that offers them at `path`; nil when none does.
    package static func take(at path: String) throws -> Taken? {
        guard let line = try line(at: path, { connect($0, $1, $2) }) else { return nil }
        guard let (descriptors, bytes) = DescriptorPassing.receive(over: line, limit: Handover.bytes),
            let offer = try? JSONDecoder().decode(Offer.self, from: Data(bytes)),
            offer.places.count == descriptors.count
        else {
            close(line)
            throw Failure(
                .unavailable, "what answers at '\(path)' hands over nothing",
                hint: "stop it, or name another path with --handover")
        }
        return Taken(
            sockets: zip(offer.places, descriptors).map { ListeningSocket(place: $0, descriptor: $1) },
            process: offer.process, line: line)
    }

    /// Which process serves at `path`'s places now; nil when none offers there.
    package static func process(at path: String) -> Int32? {
        guard let taken = try? take(at: path) else { return nil }
        taken.refuse()
        return taken.process
    }

    /// A blocking stream socket, connected or bound to a path by `join`; nil when nobody is there.
    static func line(at path: String, _ join: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt) throws
        -> CInt?
    {
        let line = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard line >= 0 else { throw SocketError.latest }
        guard UnixPath.with(path, { join(line, $0, $1) }) == 0 else {
            let error = errno
            close(line)
            guard error != ENAMETOOLONG else {
                throw Failure(.usage, "'\(path)' is too long for a socket's path", hint: "107 bytes at most")
            }
            return nil
        }
        return line
    }
}
