package import Foundation
import HTTPTypes
import Hummingbird
package import Kernel
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// A request as the planes see it: its body is read, within the server's bound.
package struct HTTPRequest: Sendable {
    package let method: String
    package let path: String
    package let query: [String: String]
    /// The path as it was sent: what is encoded in it still is, so that a slash inside a part is told from one between parts.
    package let rawPath: String
    /// Whether the path, as it was sent, encodes a slash or what needs no encoding (RFC 3986, section 2.3).
    package let isEncodedNeedlessly: Bool
    /// The query as it was sent, without its question mark.
    package let queryText: String
    /// Names in lower case; several lines of one name are joined with ", ".
    package let headers: [String: String]
    package fileprivate(set) var body: Data
    /// The peer's, without its port; empty when it is not known.
    package let clientAddress: String

    package init(
        method: String, path: String, query: [String: String] = [:], queryText: String = "",
        headers: [String: String] = [:], body: Data = Data(), clientAddress: String = "", rawPath: String = ""
    ) {
        isEncodedNeedlessly = HTTPRequest.encodesNeedlessly(rawPath)
        self.rawPath = rawPath
        self.method = method
        self.path = path
        self.query = query
        self.queryText = queryText
        self.headers = headers
        self.body = body
        self.clientAddress = clientAddress
    }
}

extension HTTPRequest {
    static func encodesNeedlessly(_ path: String) -> Bool {
        path.split(separator: "%", omittingEmptySubsequences: false).dropFirst().contains { part in
            guard let byte = UInt8(part.prefix(2), radix: 16) else { return true }
            return byte == 0x2F || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
                || "-._~".utf8.contains(byte)
        }
    }
}

package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case data(Data)
        case stream(AsyncStream<Data>)
    }

    package var status: Int
    package var headers: [(String, String)]
    package var body: Body

    package init(status: Int = 200, headers: [(String, String)] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(status: Int = 200, type: String, text: String, headers: [(String, String)] = []) {
        self.init(status: status, headers: [("Content-Type", type)] + headers, body: .data(Data(text.utf8)))
    }
}

/// An HTTP/1.1 server for the planes that are not the edge.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse
    /// Bytes of a body that a request may have, by its head; larger ones are answered with 413.
    package typealias Limit = @Sendable (HTTPRequest) async -> Int

    /// From somebody who is known: an import of ten thousand entries fits.
    package static let bodyBytes = 32 * 1024 * 1024
    /// From anybody: a form to log in fits, and a crowd of strangers does not fill the memory.
    package static let strangersBodyBytes = 64 * 1024

    private let place: Place
    private let limit: Limit
    private let handler: Handler

    package enum Place: Sendable, CustomStringConvertible {
        case port(HostPort)
        /// A Unix socket, for this user alone.
        case socket(String)

        package var description: String {
            switch self {
            case .port(let address): address.description
            case .socket(let path): "unix:\(path)"
            }
        }

        fileprivate var bindAddress: BindAddress {
            switch self {
            case .port(let address): .hostname(address.host, port: address.port)
            case .socket(let path): .unixDomainSocket(path: path)
            }
        }
    }

    package init(
        address: HostPort, limit: @escaping Limit = { _ in strangersBodyBytes }, handler: @escaping Handler
    ) {
        self.init(place: .port(address), limit: limit, handler: handler)
    }

    package init(
        place: Place, limit: @escaping Limit = { _ in strangersBodyBytes }, handler: @escaping Handler
    ) {
        self.place = place
        self.limit = limit
        self.handler = handler
    }

    /// Serves until the task is cancelled or, unless signals are somebody else's, the process is told to end; `ready` gets the
    /// port that is listened on.
    package func run(
        handlesSignals: Bool = true, ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let place = place
        if case .socket(let path) = place { try HTTPServer.requireFree(path) }
        let responder = CallbackResponder<ClientContext> { [limit, handler] request, context in
            try await HTTPServer.respond(request, context.address, limit, handler)
        }
        var logger = Logger(label: "hq.http")
        logger.logLevel = .error
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(
                address: place.bindAddress, serverName: nil),
            onServerRunning: {
                if case .socket(let path) = place { chmod(path, 0o600) }
                await ready($0.localAddress?.port ?? 0)
            }, logger: logger)
        do {
            try await HTTPServer.run(application, until: handlesSignals ? [.sigterm, .sigint] : [], logger)
        } catch let error as IOError {
            throw Failure(
                .unavailable, "cannot listen on \(place): \(String(cString: strerror(error.errnoCode)))",
                hint: "choose another address, or stop what uses this one")
        }
    }

    /// A task that is cancelled lets requests under way end.
    private static func run(_ service: some Service, until signals: [UnixSignal], _ logger: Logger)
        async throws
    {
        let group = ServiceGroup(
            configuration: .init(services: [service], gracefulShutdownSignals: signals, logger: logger))
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    /// A socket's file outlives whoever made it; only when nobody answers there may it be replaced.
    private static func requireFree(_ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            throw Failure(
                .usage, "the path of a socket has at most \(room - 1) bytes: '\(path)'",
                hint: "choose a shorter one")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let isServed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard !isServed else {
            throw Failure(
                .conflict, "something listens on unix:\(path) already",
                hint: "stop it, or choose another path")
        }
    }

    private static func respond(
        _ request: Request, _ client: String, _ limit: Limit, _ handler: Handler
    ) async throws -> Response {
        var request = request
        var asked = head(request, client)
        // Who asks is a question to the store; without a body it need not be asked twice.
        let hasBody = ["content-length", "transfer-encoding"].contains { asked.headers[$0] != nil }
        let most = hasBody ? await limit(asked) : strangersBodyBytes
        guard let body = try? await request.collectBody(upTo: most) else {
            let text = "a body has at most \(ByteCount(most)) here\n"
            return response(
                HTTPResponse(
                    status: 413, type: "text/plain; charset=utf-8", text: text,
                    headers: [("Connection", "close")]),
                isHead: false)
        }
        asked.body = Data(body.readableBytesView)
        return response(await handler(asked), isHead: request.method == .head)
    }

    private static func head(_ request: Request, _ client: String) -> HTTPRequest {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        if let host = request.head.authority { headers["host"] = host }
        var query: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? String($0)
            }
            if let name = parts.first { query[name] = parts.count > 1 ? parts[1] : "" }
        }
        return HTTPRequest(
            method: request.method.rawValue,
            path: request.uri.path.removingPercentEncoding ?? request.uri.path, query: query,
            queryText: request.uri.query ?? "", headers: headers, clientAddress: client,
            rawPath: request.uri.path)
    }

    private static func response(_ answer: HTTPResponse, isHead: Bool) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let body: ResponseBody =
            switch answer.body {
            case .data(let data) where isHead:
                ResponseBody(contentLength: data.count) { try await $0.finish(nil) }
            case .data(let data): ResponseBody(byteBuffer: ByteBuffer(bytes: data))
            case .stream(let stream): ResponseBody(asyncSequence: stream.map { ByteBuffer(bytes: $0) })
            }
        return Response(status: .init(code: answer.status), headers: fields, body: body)
    }
}

/// A request's context that remembers who is at the other end.
private struct ClientContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
