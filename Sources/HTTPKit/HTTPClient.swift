import AsyncHTTPClient
package import Foundation
import Kernel
import NIOCore
import NIOHTTP1

/// Requests to a control plane.
package struct HTTPClientKit: Sendable {
    package let base: String
    private let token: String
    /// For the whole life of the process. It follows no redirects: what is answered is what was asked for.
    private static let shared = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
    private var client: HTTPClient { HTTPClientKit.shared }

    package init(base: String, token: String) {
        self.base = base
        self.token = token
    }

    private func request(
        _ method: String, _ path: String, _ body: Data?, _ headers: [(String, String)] = []
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = HTTPMethod(rawValue: method)
        if !token.isEmpty {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            request.headers.add(name: "X-HQ-Door", value: "terminal")
            // The first word is the client's address (sshd(8)).
            if let peer = ProcessInfo.processInfo.environment["SSH_CONNECTION"]?.split(separator: " ").first {
                request.headers.add(name: "X-HQ-Person-Address", value: String(peer))
            }
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            if !request.headers.contains(name: "Content-Type") {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
            request.body = .bytes(body)
        }
        return request
    }

    package func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: Data? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> (status: Int, body: Data) {
        do {
            let response = try await client.execute(
                request(method, path, body, headers), timeout: .nanoseconds(timeout.nanoseconds))
            let bytes = try await response.body.collect(upTo: HTTPServer.bodyBytes)
            return (Int(response.status.code), Data(bytes.readableBytesView))
        } catch {
            throw Failure(
                .unavailable, "the control plane at \(base) does not answer", hint: "is 'hq up' running?",
                context: ["error": "\(error)"])
        }
    }

    /// The lines of a response that goes on. Ends when the server ends it, throws when the connection breaks.
    package func lines(_ path: String, _ body: @Sendable (Data) async throws -> Void) async throws {
        let response = try await client.execute(request("GET", path, nil), deadline: .distantFuture)
        guard response.status.code == 200 else {
            throw Failure(
                response.status.code == 401 ? .unauthenticated : .unavailable,
                "the control plane answered \(response.status.code)")
        }
        var rest = Data()
        for try await chunk in response.body {
            rest.append(contentsOf: chunk.readableBytesView)
            while let end = rest.firstIndex(of: 0x0A) {
                let line = Data(rest[rest.startIndex..<end])
                rest = Data(rest[rest.index(after: end)...])
                if !line.isEmpty { try await body(line) }
            }
        }
    }
}
