import Foundation
import Kernel
import NIOCore
import NIOPosix
import Testing
import VCLRuntime

@testable import Edge

@Suite struct AddressBookTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    private static func address(_ text: String, _ port: Int = 0) -> SocketAddress {
        try! SocketAddress(ipAddress: text, port: port)
    }

    private func find(_ book: AddressBook, _ host: String) async throws -> [String] {
        let loop = loop
        let promise = loop.makePromise(of: [SocketAddress].self)
        loop.execute { book.find(host, port: 80, prefersIPv6: true, on: loop) { promise.succeed($0) } }
        return try await promise.futureResult.get().map { "\($0.ipAddress ?? ""):\($0.port ?? 0)" }
    }

    @Test func putsFamiliesInTurnAndWhatFailedLast() {
        let all = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"].map { Self.address($0) }
        func order(_ prefersIPv6: Bool, _ failed: [String]) -> [String] {
            AddressBook.order(all, prefersIPv6: prefersIPv6, failed: Set(failed.map { Self.address($0) }))
                .map { $0.ipAddress ?? "" }
        }
        #expect(order(true, []) == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"])
        #expect(order(false, []) == ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"])
        #expect(
            order(true, ["2001:db8::1", "2001:db8::2"])
                == ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"])
    }

    /// A name is looked up once for all who ask meanwhile, again when its time is over, and what is known stays when that fails.
    @Test func looksUpNoOftenerThanItMust() async throws {
        let now = Guarded(NIODeadline.uptimeNanoseconds(1))
        let answers = Guarded([["192.0.2.1"], ["192.0.2.2"], []])
        let asked = Guarded(0)
        let book = AddressBook(clock: { now.withLock { $0 } }) { _ in
            let found = answers.withLock { $0.isEmpty ? [] : $0.removeFirst() }
            asked.withLock { $0 += 1 }
            return found.map { Self.address($0) }
        }
        #expect(try await find(book, "a.example") == ["192.0.2.1:80"])
        #expect(try await find(book, "a.example") == ["192.0.2.1:80"])
        #expect(asked.withLock { $0 } == 1)
        now.withLock { $0 = $0 + .seconds(OriginLimits.addressSeconds) }
        // At once, with what is known.
        #expect(try await find(book, "a.example") == ["192.0.2.1:80"])
        #expect(try await eventually { try await find(book, "a.example") == ["192.0.2.2:80"] })
        #expect(asked.withLock { $0 } == 2)
        now.withLock { $0 = $0 + .seconds(OriginLimits.addressSeconds) }
        #expect(try await find(book, "a.example") == ["192.0.2.2:80"])
        #expect(try await eventually { asked.withLock { $0 } == 3 })
        #expect(try await find(book, "a.example") == ["192.0.2.2:80"])
    }

    @Test func doesNotAskAgainAtOnceForWhatIsNotThere() async throws {
        let now = Guarded(NIODeadline.uptimeNanoseconds(1))
        let asked = Guarded(0)
        let book = AddressBook(clock: { now.withLock { $0 } }) { _ in
            asked.withLock { $0 += 1 }
            return []
        }
        #expect(try await find(book, "a.example").isEmpty)
        #expect(try await find(book, "a.example").isEmpty)
        #expect(asked.withLock { $0 } == 1)
        now.withLock { $0 = $0 + .seconds(OriginLimits.failedLookupSeconds) }
        #expect(try await find(book, "a.example").isEmpty)
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func forgetsTheNameThatNobodyAsksFor() async throws {
        let now = Guarded(NIODeadline.uptimeNanoseconds(1))
        let asked = Guarded<[String]>([])
        let book = AddressBook(clock: { now.withLock { $0 } }) { host in
            asked.withLock { $0.append(host) }
            return [Self.address("192.0.2.1")]
        }
        for number in 0...OriginLimits.names {
            now.withLock { $0 = $0 + .nanoseconds(1) }
            _ = try await find(book, "\(number).example")
        }
        _ = try await find(book, "1.example")
        #expect(asked.withLock { $0.count } == OriginLimits.names + 1)
        _ = try await find(book, "0.example")
        #expect(asked.withLock { $0.last } == "0.example")
    }
}

/// Several addresses of one name, over sockets.
@Suite struct OriginDialTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    private func dial(_ addresses: [SocketAddress], timeout: Int64 = 30_000_000_000) async throws -> (
        Result<String, OriginErrorText>, Origins
    ) {
        // Time stands still: what failed is not forgotten before this looks, however slow the machine is.
        let now = NIODeadline.now()
        let origins = Origins(addresses: AddressBook(clock: { now }, lookUp: { _ in addresses }))
        var backend = Backend(name: "a")
        backend.host = "a.example"
        // The port of each is the one that it was given here.
        backend.port = addresses.first?.port ?? 0
        let (loop, asked) = (loop, backend)
        let promise = loop.makePromise(of: Result<String, OriginErrorText>.self)
        loop.execute {
            OriginDial.begin(asked, origins, on: loop, timeout: timeout) { result in
                switch result {
                case .success(let channel):
                    promise.succeed(.success(channel.remoteAddress?.ipAddress ?? ""))
                    channel.close(promise: nil)
                case .failure(let error): promise.succeed(.failure(OriginErrorText(text: "\(error)")))
                }
            }
        }
        return (try await promise.futureResult.get(), origins)
    }

    struct OriginErrorText: Error { let text: String }

    @Test func triesTheNextAddressWhenOneRefuses() async throws {
        let origin = FaultyOrigin()
        try await origin.start(on: "127.0.0.2")
        let all = ["::1", FaultyOrigin.quietAddress, "127.0.0.2"].map {
            try! SocketAddress(ipAddress: $0, port: origin.port)
        }
        let (result, origins) = try await dial(all)
        #expect((try? result.get()) == "127.0.0.2")
        // What failed is tried last from now on.
        let promise = loop.makePromise(of: [SocketAddress].self)
        let (loop, port) = (loop, origin.port)
        loop.execute {
            origins.addresses.find("a.example", port: port, prefersIPv6: true, on: loop) {
                promise.succeed($0)
            }
        }
        #expect(try await promise.futureResult.get().first?.ipAddress == "127.0.0.2")
        try await origin.end()
    }

    /// An address that says nothing costs a quarter of a second, and not the whole time for connecting.
    @Test func doesNotWaitForOneThatSaysNothing() async throws {
        let full = try await FullPort()
        let origin = FaultyOrigin()
        try await origin.start(on: "127.0.0.2", port: full.port)
        let all = ["127.0.0.1", "127.0.0.2"].map { try! SocketAddress(ipAddress: $0, port: full.port) }
        let (result, _) = try await dial(all, timeout: 3600 * 1_000_000_000)
        #expect((try? result.get()) == "127.0.0.2")
        try await origin.end()
        try await full.end()
    }

    @Test func saysWhatTheFirstAddressSaid() async throws {
        let origin = FaultyOrigin()
        try await origin.start(on: FaultyOrigin.quietAddress)
        try await origin.stop()
        let (result, _) = try await dial([
            try SocketAddress(ipAddress: FaultyOrigin.quietAddress, port: origin.port)
        ])
        guard case .failure(let error) = result else { throw OriginErrorText(text: "connected") }
        #expect(error.text == "refused")
        try await origin.end()
    }
}
