import EdgeLink
import Foundation
import HTTPKit
package import Journey
package import Kernel
import People
import Store

/// The control plane's HTTP API. Every answer is a report; who is not known gets 401, and a hint.
package struct ControlServer: Sendable {
    private let control: Control
    private let registry: any CommandRegistry

    package init(control: Control, registry: any CommandRegistry) {
        self.control = control
        self.registry = registry
    }

    package func run(address: HostPort, ready: @escaping @Sendable (Int) async -> Void) async throws {
        try await HTTPServer(address: address) { await respond($0) }.run(ready: ready)
    }

    private func respond(_ request: HTTPRequest) async -> HTTPResponse {
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
        case ("POST", "/v1/commands"):
            let actor = try authenticate(request)
            guard let call = try? JSONDecoder().decode(CommandCall.self, from: request.body) else {
                throw Failure(
                    .usage, "the body is not {\"argv\": [...]}", hint: "send {\"argv\": [\"dict\", \"list\"]}"
                )
            }
            let report = await registry.execute(call, as: actor)
            return json(report, status: report.httpStatus)
        case ("GET", "/v1/edges/feed"): return try await feed(request)
        case ("POST", "/v1/edges/report"):
            try authenticateEdge(request)
            guard let report = try? JSONDecoder().decode(EdgeReport.self, from: request.body) else {
                throw Failure(.usage, "this is no edge's report")
            }
            await control.received(report)
            return HTTPResponse(status: 204, body: .data(Data()))
        default:
            throw Failure(
                .notFound, "there is nothing at \(request.path)",
                hint: "POST /v1/commands with {\"argv\": [...]}")
        }
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
        return actor
    }

    private func bearer(_ request: HTTPRequest) -> String? {
        guard let value = request.headers["authorization"], value.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(value.dropFirst(7)).trimmingCharacters(in: .whitespaces)
    }

    /// Edges use a token of their own, which can do nothing else.
    private func authenticateEdge(_ request: HTTPRequest) throws {
        guard let token = bearer(request), let known = control.edgeToken, known == People.hash(token) else {
            throw Failure(.unauthenticated, "this is no edge's token")
        }
    }

    private func feed(_ request: HTTPRequest) async throws -> HTTPResponse {
        try authenticateEdge(request)
        guard let edge = request.query["edge"], !edge.isEmpty, edge.count <= 64 else {
            throw Failure(.usage, "an edge says its name with ?edge=")
        }
        let updates = try await control.connect(edge: edge)
        let (lines, continuation) = AsyncStream.makeStream(of: Data.self)
        let task = Task {
            for await update in updates {
                guard let line = try? JSON.text(of: update) else { continue }
                continuation.yield(line + Data("\n".utf8))
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
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
