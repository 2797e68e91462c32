import Foundation
import Kernel
import Synchronization

/// The offer of an edge that serves. It waits on a thread of its own, asleep until a successor comes.
package final class HandoverOffer: Sendable {
    private let path: String
    private let line: CInt
    private let sockets: [ListeningSocket]
    private let ended = Atomic(false)

    /// Offers at `path`, in place of whoever offered there before. `taken` is called once, when a successor is ready; when it
    /// returns, the successor accepts.
    package init(_ sockets: [ListeningSocket], at path: String, taken: @escaping @Sendable () -> Void) throws
    {
        self.path = path
        self.sockets = sockets
        guard !sockets.isEmpty, sockets.count <= DescriptorPassing.most else {
            throw Failure(
                .invalid,
                "\(sockets.count) listening sockets cannot be handed over, only 1 to \(DescriptorPassing.most)",
                hint: "listen at fewer places, or leave out --handover")
        }
        // Made beside its place and moved there, so that a successor finds the old offer or this one.
        let draft = path + ".new"
        unlink(draft)
        guard let line = try Handover.line(at: draft, { bind($0, $1, $2) }), chmod(draft, 0o600) == 0,
            listen(line, 4) == 0, rename(draft, path) == 0
        else {
            throw Failure(.unavailable, "cannot offer the listeners at '\(path)': \(SocketError.latest)")
        }
        self.line = line
        Thread.detachNewThread { [self] in wait(taken) }
    }

    /// Nobody takes over any more.
    package func withdraw() {
        guard !ended.exchange(true, ordering: .relaxed) else { return }
        unlink(path)
        shutdown(line, CInt(SHUT_RDWR))
    }

    private func wait(_ taken: @Sendable () -> Void) {
        defer { close(line) }
        while !ended.load(ordering: .relaxed) {
            let successor = accept(line, nil, nil)
            if successor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let isTaken = isReady(successor) && !ended.exchange(true, ordering: .relaxed)
            if isTaken {
                // The path is the successor's now.
                taken()
                var word: UInt8 = 1
                _ = send(successor, &word, 1, CInt(MSG_NOSIGNAL))
            }
            close(successor)
            if isTaken { return }
        }
    }

    /// Whether the successor has the sockets and everything else that it needs.
    private func isReady(_ successor: CInt) -> Bool {
        var patience = timeval(tv_sec: Handover.patienceSeconds, tv_usec: 0)
        setsockopt(successor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard
            let text = try? JSONEncoder().encode(
                Handover.Offer(places: sockets.map(\.place), process: getpid())),
            DescriptorPassing.send(sockets.map(\.descriptor), Array(text), over: successor)
        else { return false }
        var word: UInt8 = 0
        return recv(successor, &word, 1, 0) == 1 && word == 1
    }
}
