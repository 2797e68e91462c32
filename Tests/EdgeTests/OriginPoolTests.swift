import HTTPCache
import Kernel
import NIOCore
import NIOPosix
import RequestFlow
import Testing
import VCLRuntime

@testable import Edge

/// The connections of one loop, without requests.
@Suite struct OriginPoolTests {
    private let loop: any EventLoop
    private let pool: OriginPool
    private let origin = FaultyOrigin()

    init() {
        loop = MultiThreadedEventLoopGroup.singleton.any()
        pool = OriginPool(loop: loop, origins: Origins(), outbox: Outbox())
    }

    /// One that allows a single connection.
    private func backend() -> Backend {
        var backend = Backend(name: "a")
        backend.host = "127.0.0.1"
        backend.port = origin.port
        backend.maxConnections = 1
        // Longer than anybody waits for this test.
        backend.connectTimeout = 3600 * 1_000_000_000
        return backend
    }

    private func acquire(_ backend: Backend, _ terms: OriginPool.Terms = .init()) async throws
        -> OriginConnection
    {
        let promise = loop.makePromise(of: OriginConnection.self)
        let pool = pool
        loop.execute {
            pool.acquire(backend, terms) { promise.completeWith($0.mapError { $0 as any Error }) }
        }
        return try await promise.futureResult.get()
    }

    private func release(_ connection: OriginConnection) async throws {
        let pool = pool
        try await loop.submit { pool.release(connection) }.get()
    }

    private func places() async throws -> Int {
        let pool = pool
        return try await loop.submit { pool.places }.get()
    }

    @Test func givesANewConnectionInPlaceOfTheOnlyOneThatIdles() async throws {
        try await origin.start()
        let first = try await acquire(backend())
        try await release(first)
        var terms = OriginPool.Terms()
        terms.fresh = true
        let second = try await acquire(backend(), terms)
        #expect(second !== first && origin.connections == 2)
        try await loop.submit { second.close() }.get()
        try await origin.end()
    }

    @Test func forgetsAPlaceThatNobodyUses() async throws {
        try await origin.start()
        let connection = try await acquire(backend())
        #expect(try await places() == 1)
        try await loop.submit { connection.close() }.get()
        #expect(try await eventually { try await places() == 0 })
        try await origin.stop()
        await #expect(throws: OriginError.refused) { _ = try await acquire(backend()) }
        #expect(try await places() == 0)
        try await origin.end()
    }
}
