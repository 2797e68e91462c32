import AsyncHTTPClient
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks one server for pages of any host, as a visitor's browser would that thinks all hosts are there.
package struct PageClient: Sendable {
    package struct Page: Sendable {
        package let status: Int
        /// Names in lower case; of several lines of one name the last counts.
        package let headers: [String: String]
        package let bytes: Int

        package init(status: Int, headers: [String: String], bytes: Int) {
            self.status = status
            self.headers = headers
            self.bytes = bytes
        }
    }

    /// A page larger than this is given up; no page is, and a cache keeps none.
    package static let mostBytes = 256 << 20

    private let base: String
    private let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

    /// `base` is where the server is: `http://127.0.0.1:8080`.
    package init(base: String) { self.base = base }

    /// Reads the whole page and throws its body away. Throws `Failure(.unavailable)` when there is none in time.
    package func get(
        host: String, target: String, headers: [(String, String)] = [], timeout: Duration = .seconds(60)
    ) async throws -> Page {
        var request = HTTPClientRequest(url: base + target)
        request.headers.add(name: "Host", value: host)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        do {
            let answer = try await client.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
            var bytes = 0
            for try await piece in answer.body {
                bytes += piece.readableBytes
                guard bytes <= PageClient.mostBytes else { throw HTTPClientError.bodyLengthMismatch }
            }
            var found: [String: String] = [:]
            for (name, value) in answer.headers { found[name.lowercased()] = value }
            return Page(status: Int(answer.status.code), headers: found, bytes: bytes)
        } catch {
            throw Failure(
                .unavailable, "\(base) does not answer for \(host)\(target)", hint: "is the edge running?",
                context: ["error": "\(error)"])
        }
    }

    package func close() async { try? await client.shutdown() }
}

extension PageClient {
    package enum Reached: Sendable, Hashable {
        case status(Int)
        /// Somebody said that nobody listens there.
        case refused
        /// No name, no way, no answer in time.
        case none
    }

    /// For the whole life of the process.
    private static let shared = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

    /// Whether something answers at an address of any server; the body is not read.
    package static func reach(_ address: String, host: String?, timeout: Duration) async -> Reached {
        var request = HTTPClientRequest(url: address)
        if let host { request.headers.add(name: "Host", value: host) }
        request.headers.add(name: "User-Agent", value: "hq target check")
        do {
            let answer = try await shared.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
            return .status(Int(answer.status.code))
        } catch let error as NIOConnectionError {
            let refusals = error.connectionErrors.filter { ($0.error as? IOError)?.errnoCode == ECONNREFUSED }
            return !refusals.isEmpty && refusals.count == error.connectionErrors.count ? .refused : .none
        } catch {
            return (error as? IOError)?.errnoCode == ECONNREFUSED ? .refused : .none
        }
    }
}
