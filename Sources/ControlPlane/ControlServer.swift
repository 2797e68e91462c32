import EdgeLink
import Foundation
package import HTTPKit
package import Journey
package import Kernel
import People
import Rehearsal
import Rehearsals
import Store

/// The control plane's HTTP API, under `/v1/`; everything else is the console's. Every answer of the API is a report; who is not
/// known gets 401, and a hint.
package struct ControlServer: Sendable {
    package typealias Pages = @Sendable (HTTPRequest) async -> HTTPResponse

    private let control: Control
    private let registry: any CommandRegistry
    private let pages: Pages

    package init(control: Control, registry: any CommandRegistry, pages: @escaping Pages) {
        self.control = control
        self.registry = registry
        self.pages = pages
    }

    package func run(address: HostPort, ready: @escaping @Sendable (Int) async -> Void) async throws {
        try await HTTPServer(address: address, limit: { limit($0) }, handler: { await respond($0) }).run(
            ready: ready)
    }

    /// Only whoever is known may send much.
    private func limit(_ request: HTTPRequest) -> Int {
        if (try? authenticateEdge(request)) != nil || (try? authenticate(request)) != nil {
            return HTTPServer.bodyBytes
        }
        return request.headers["cookie"] == nil ? HTTPServer.strangersBodyBytes : ControlServer.formBytes
    }

    /// Bytes of a form; the longest is an import. The console looks at who sends it.
    private static let formBytes = 1_000_000

    package func respond(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.path == "/v1" || request.path.hasPrefix("/v1/") else { return await pages(request) }
        do {
            return try await route(request)
        } catch let failure as Failure {
            return json(Report(failure), status: failure.httpStatus)
        } catch {
            return json(Report(Failure(.internal, "something went wrong inside")), status: 500)
        }
    }

    private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch (request.method, request.path) {
        case ("GET", "/v1/health"): return json(Report("up"), status: 200)
        case ("GET", "/v1/commands"):
            _ = try authenticate(request)
            return HTTPResponse(
                headers: [("Content-Type", "application/json")],
                body: .data(try JSON.text(of: ["commands": registry.commands])))
        case ("POST", "/v1/commands"):
            let actor = try authenticate(request)
            guard let call = try? JSONDecoder().decode(CommandCall.self, from: request.body) else {
                throw Failure(
                    .usage, "the body is not {\"argv\": [...]}", hint: "send {\"argv\": [\"dict\", \"list\"]}"
                )
            }
            let report = await registry.execute(call, as: actor)
            return json(report, status: report.httpStatus)
        case ("GET", "/v1/log/follow"):
            _ = try authenticate(request)
            return lines(of: try await control.follow()) { (try? authenticate(request)) != nil }
        case ("POST", "/v1/rehearsals"): return try await rehearsal(request)
        case (_, let path) where path.hasPrefix("/v1/edges/"): return try await edge(request)
        default: return try await typed(request)
        }
    }

    // MARK: typed routes

    /// `POST /v1/dict/set {"dict": "redirects", "key": "/debate", "value": "https://..."}`; a command that changes nothing takes
    /// GET with a query too. Routes and their parameters are the commands' own.
    private func typed(_ request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.path.split(separator: "/").dropFirst().map(String.init)
        guard let command = registry.commands.first(where: { $0.path == path }) else {
            throw Failure(
                .notFound, "there is nothing at \(request.path)",
                hint: "GET /v1/commands lists what there is")
        }
        let actor = try authenticate(request)
        var values: [String: [String]] = [:]
        switch request.method {
        case "GET" where command.isReading: values = request.query.mapValues { [$0] }
        case "POST": values = try members(request.body)
        default:
            throw Failure(
                .usage,
                "\(request.path) takes POST\(command.isReading ? " or GET" : ""), not \(request.method)")
        }
        let report = await registry.execute(try command.call(values), as: actor)
        return json(report, status: report.httpStatus)
    }

    private func members(_ body: Data) throws -> [String: [String]] {
        guard !body.isEmpty else { return [:] }
        guard case .object(let members) = try? JSONDecoder().decode(JSON.self, from: body) else {
            throw Failure(
                .usage, "the body is no JSON object",
                hint: "send {\"name\": \"value\"}, names as in the command's help")
        }
        return try members.mapValues { value in
            if case .array(let items) = value { return try items.map(text) }
            return [try text(value)]
        }
    }

    /// A text, a whole number, or true and false for a flag; nothing else is what somebody meant to publish.
    private func text(_ value: JSON) throws -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return "\(number)"
        case .bool(let flag): return flag ? "true" : "false"
        default:
            throw Failure(.usage, "\(value.text.prefix(40)) is no value", hint: "values are texts: \"...\"")
        }
    }

    /// What a rehearsal says of itself, each second and at its end.
    private func rehearsal(_ request: HTTPRequest) async throws -> HTTPResponse {
        let actor = try authenticate(request)
        guard request.body.count <= RehearsalsLimits.accountBytes,
            let account = try? JSONDecoder().decode(RehearsalAccount.self, from: request.body)
        else { throw Failure(.usage, "this is not what a rehearsal says") }
        try await control.received(account, by: actor)
        return HTTPResponse(status: 204, body: .data(Data()))
    }

    // MARK: edges

    private func edge(_ request: HTTPRequest) async throws -> HTTPResponse {
        try authenticateEdge(request)
        func body<T: Decodable>(_ type: T.Type) throws -> T {
            guard let value = try? JSONDecoder().decode(type, from: request.body) else {
                throw Failure(.usage, "this is not what an edge says at \(request.path)")
            }
            return value
        }
        switch (request.method, request.path) {
        case ("GET", "/v1/edges/feed"): return try await feed(request)
        case ("POST", "/v1/edges/report"): await control.received(try body(EdgeReport.self))
        case ("POST", "/v1/edges/sample"):
            let sample = try body(EdgeSample.self)
            guard sample.isSound else { throw Failure(.usage, "this sample makes no sense") }
            await control.received(sample)
        case ("POST", "/v1/edges/trial"): await control.received(try body(TrialResult.self))
        default: throw Failure(.notFound, "there is nothing at \(request.path)")
        }
        return HTTPResponse(status: 204, body: .data(Data()))
    }

    private func authenticate(_ request: HTTPRequest) throws -> Actor {
        guard let token = bearer(request) else {
            throw Failure(
                .unauthenticated, "no token was sent",
                hint: "send 'Authorization: Bearer TOKEN'; 'hq token create' makes one")
        }
        let door: Door = request.headers["x-hq-door"] == "terminal" ? .terminal : .api
        let now = Control.milliseconds()
        guard
            let actor = try control.store.read({
                try People.actor(token: token, door: door, now: now, in: $0)
            })
        else {
            throw Failure(
                .unauthenticated, "this token is unknown or has expired",
                hint: "'hq token create' makes a new one")
        }
        // Who sits at a terminal says where they come from: over SSH it is not where the request does.
        let place = door == .terminal ? request.headers["x-hq-person-address"] : nil
        return Actor(
            name: actor.name, role: actor.role, door: actor.door, address: place ?? request.clientAddress)
    }

    private func bearer(_ request: HTTPRequest) -> String? {
        guard let value = request.headers["authorization"], value.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(value.dropFirst(7)).trimmingCharacters(in: .whitespaces)
    }

    /// Edges use a token of their own, which can do nothing else.
    private func authenticateEdge(_ request: HTTPRequest) throws {
        guard let token = bearer(request), control.edgeToken.withLock({ $0 }) == People.hash(token) else {
            throw Failure(.unauthenticated, "this is no edge's token")
        }
    }

    private func feed(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let edge = request.query["edge"], !edge.isEmpty, edge.count <= 64 else {
            throw Failure(.usage, "an edge says its name with ?edge=")
        }
        let updates = LineSource(
            try await control.connect(
                edge: edge, have: request.query["have"].flatMap { Int64($0) },
                held: request.query["held"].flatMap { HeldTables(text: $0) }))
        let pieces = PieceSource(updates)
        return stream { await pieces.next() }
    }

    /// One line of JSON for each value, for as long as somebody reads and `isAllowed`. Values wait in their own stream alone,
    /// which has a bound.
    private func lines<T: Encodable & Sendable>(
        of values: AsyncStream<T>, while isAllowed: @escaping @Sendable () -> Bool = { true }
    ) -> HTTPResponse {
        let source = LineSource(values)
        return stream { await source.next().flatMap { isAllowed() ? $0 : nil } }
    }

    private func stream<T: Encodable & Sendable>(_ next: @escaping @Sendable () async -> T?) -> HTTPResponse {
        let lines = AsyncStream<Data> {
            guard let value = await next(), let line = try? JSON.text(of: value) else { return nil }
            return line + Data("\n".utf8)
        }
        return HTTPResponse(headers: [("Content-Type", "application/x-ndjson")], body: .stream(lines))
    }

    private func json(_ report: Report, status: Int) -> HTTPResponse {
        let body = (try? JSON.text(of: report)) ?? Data("{}".utf8)
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")], body: .data(body))
    }
}

extension Report {
    /// A failure as everybody sees it: message and hint, no internals.
    package init(_ failure: Failure) {
        let outcome: Outcome = failure.kind == .usage ? .usage : failure.kind == .refused ? .refused : .failed
        self.init(failure.message, outcome: outcome, hint: failure.hint)
        failureKind = failure.kind.rawValue
    }

    var httpStatus: Int {
        guard outcome != .done else { return 200 }
        return failureKind.flatMap { Failure.Kind(rawValue: $0) }.map { Failure($0, "").httpStatus }
            ?? (outcome == .usage ? 400 : 422)
    }
}

/// A stream's place, kept between two lines. Read by one reader, one line after the other.
private final class LineSource<T: Sendable>: @unchecked Sendable {
    private var iterator: AsyncStream<T>.AsyncIterator

    init(_ values: AsyncStream<T>) { iterator = values.makeAsyncIterator() }

    func next() async -> T? { await iterator.next() }
}

/// What is sent of updates, one piece after the other. Read by one reader.
private final class PieceSource: @unchecked Sendable {
    private let updates: LineSource<EdgeUpdate>
    private var pieces: EdgeUpdatePieces?

    init(_ updates: LineSource<EdgeUpdate>) { self.updates = updates }

    func next() async -> EdgeUpdate? {
        while true {
            if let piece = pieces?.next() { return piece }
            guard let update = await updates.next() else { return nil }
            pieces = EdgeUpdatePieces(update)
        }
    }
}
