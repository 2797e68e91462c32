import Foundation
import Kernel
import Testing

@testable import SocketHandover

@Suite struct HandoverTests {
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let name = "hand-\(UUID().uuidString.prefix(8))"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appendingPathComponent("edge.handover").path)
    }

    private func connected(to place: String) throws -> CInt {
        let address = try #require(HostPort(place))
        let line = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var to = sockaddr_in()
        to.sin_family = sa_family_t(AF_INET)
        to.sin_port = in_port_t(address.port).bigEndian
        inet_pton(AF_INET, address.host, &to.sin_addr)
        let result = withUnsafePointer(to: &to) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(result == 0)
        return line
    }

    @Test func handsItsSocketsOverWithTheConnectionsThatWaitInThem() async throws {
        try await withPath { path in
            let first = try ListeningSocket.bound(to: HostPort(host: "127.0.0.1", port: 0))
            let second = try ListeningSocket.bound(to: try #require(HostPort(first.place)))
            #expect(second.place == first.place)
            let waiting = try connected(to: first.place)
            defer { close(waiting) }
            let (ends, end) = AsyncStream<Void>.makeStream()
            let offer = try HandoverOffer([first, second], at: path) { end.finish() }
            #expect(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(Handover.process(at: path) == getpid())
            let taken = try #require(try Handover.take(at: path))
            #expect(taken.sockets.map(\.place) == [first.place, first.place])
            taken.confirm()
            for await _ in ends {}
            first.close()
            second.close()
            let accepted = taken.sockets.map { accept($0.descriptor, nil, nil) }.filter { $0 >= 0 }
            #expect(accepted.count == 1)
            for descriptor in accepted { close(descriptor) }
            for socket in taken.sockets { socket.close() }
            offer.withdraw()
        }
    }

    @Test func goesOnWhenTheSuccessorDiesBeforeItServes() async throws {
        try await withPath { path in
            let socket = try ListeningSocket.bound(to: HostPort(host: "127.0.0.1", port: 0))
            defer { socket.close() }
            let isTaken = Guarded(false)
            let offer = try HandoverOffer([socket], at: path) { isTaken.withLock { $0 = true } }
            try #require(try Handover.take(at: path)).refuse()
            // The next one is served only after the first has been done with.
            let second = try #require(try Handover.take(at: path))
            #expect(!isTaken.withLock { $0 })
            second.refuse()
            offer.withdraw()
            #expect(try Handover.take(at: path) == nil)
        }
    }

    @Test func takesNothingWhereNobodyOffersAndRefusesWhatIsNoOffer() async throws {
        try await withPath { path in
            #expect(try Handover.take(at: path) == nil)
            let stranger = try ListeningSocket.bound(to: path)
            Thread.detachNewThread {
                _ = fcntl(stranger.descriptor, F_SETFL, 0)
                let line = accept(stranger.descriptor, nil, nil)
                _ = write(line, "hello", 5)
                close(line)
            }
            #expect(throws: Failure.self) { try Handover.take(at: path) }
            stranger.close()
            #expect(throws: Failure.self) { try Handover.take(at: String(repeating: "long/", count: 30)) }
        }
    }

    @Test func saysWhyAPlaceCannotBeBound() {
        #expect(throws: SocketError.self) {
            try ListeningSocket.bound(to: HostPort(host: "192.0.2.1", port: 80))
        }
        #expect("\(SocketError.isUsed)" == "Address already in use")
    }
}
