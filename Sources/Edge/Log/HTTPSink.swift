import AsyncHTTPClient
package import EdgeRecords
import Kernel
import NIOCore
import NIOHTTP1

/// Posts lines to an HTTP endpoint, one batch in one request.
package final class HTTPSink: LogSink {
    private let url: String
    private let type: String
    private let authorization: String?
    private let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

    /// `authorization` is sent as it is.
    package init(url: String, format: RecordFormat?, authorization: String?) {
        self.url = url
        self.authorization = authorization
        type = format == .json ? "application/x-ndjson" : "text/plain; charset=utf-8"
    }

    package var linger: Duration? { LogLimits.httpLinger }

    package func write(_ lines: [UInt8]) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "User-Agent", value: "hq")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(bytes: lines))
        let answer = try await client.execute(request, timeout: .seconds(LogLimits.sendSeconds))
        // Read, so that the connection can be used again.
        for try await _ in answer.body {}
        switch answer.status.code {
        case 200..<300: return
        case 408, 425, 429, 500...: throw Failure(.unavailable, "it answered \(answer.status.code)")
        default: throw LogRefusal(reason: "it answered \(answer.status.code)")
        }
    }

    package func close() async { try? await client.shutdown() }
}
