import Foundation
package import HTTPKit
import Journey
package import Kernel
import People
import Services
import Store

/// The Fastly-compatible API on its own listener. Its authority is Fastly's public reference
/// (https://www.fastly.com/documentation/reference/api/); docs/guide/fastly-api.md says what differs.
package final class FastlyServer: Sendable {
    private let source: any FastlySource
    private let limits = Guarded(RateLimit())

    package init(source: any FastlySource) { self.source = source }

    package func run(address: HostPort, ready: @escaping @Sendable (Int) async -> Void) async throws {
        let server = HTTPServer(
            address: address,
            limit: { [self] request in
                (try? asking(request)) == nil ? FastlyLimits.strangersBytes : HTTPServer.bodyBytes
            }, handler: { [self] request in await respond(request) })
        // Signals are the business of the server beside it.
        try await server.run(handlesSignals: false, ready: ready)
    }

    /// In the order in which paths are tried: words before names.
    static let routes: [Route] =
        VersionRoutes.all + VCLRoutes.all + ItemRoutes.all + EntryRoutes.all + SnippetRoutes.all
        + PurgeRoutes.all + StatsRoutes.all + ServiceRoutes.all + ObjectRoutes.domainChecks + ObjectRoutes.all
        + LimiterRoutes.all
        + AccountRoutes.all

    package func respond(_ request: HTTPRequest) async -> HTTPResponse {
        do {
            return try await answer(request)
        } catch let failure as Failure {
            return Answer(failure).response
        } catch {
            return Answer(Failure(.internal, "something went wrong inside")).response
        }
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        let asking = try asking(request)
        let now = Date().milliseconds
        let changes = !["GET", "HEAD"].contains(request.method)
        let standing = limits.withLock { $0.take(asking.token, now: now, counts: changes) }
        let headers = [
            ("Fastly-RateLimit-Remaining", "\(standing.remaining)"),
            ("Fastly-RateLimit-Reset", "\(standing.reset)"),
        ]
        var answer: Answer
        do {
            guard !standing.isOver else {
                throw Failure(
                    .limit, "this token has made \(FastlyLimits.changesEachHour) changes in this hour",
                    hint: "go on at the time in Fastly-RateLimit-Reset", context: ["status": "429"])
            }
            answer = try await carryOut(request, asking, now)
        } catch let failure as Failure {
            answer = Answer(failure)
        }
        answer.headers += headers
        return answer.response
    }

    private func carryOut(_ request: HTTPRequest, _ asking: Asking, _ now: Int64) async throws -> Answer {
        let method = request.method == "HEAD" ? "GET" : request.method
        let known = FastlyServer.routes.compactMap { route in
            route.match(request.rawPath).map { (route, $0) }
        }
        let fitting = known.first { $0.0.method == method }
        guard fitting != nil || known.isEmpty else {
            throw Failure(
                .usage, "\(request.path) does not take \(request.method)",
                hint: "it takes \(Set(known.map(\.0.method)).sorted().joined(separator: ", "))",
                context: ["status": "405"])
        }
        let other = UnsupportedRoutes.all.lazy.filter { $0.method == method }.compactMap { route in
            route.match(request.rawPath).map { (route, $0) }
        }
        guard let (route, parts) = fitting ?? other.first else {
            throw Failure(.notFound, "there is nothing at \(request.path)")
        }
        try require(route.needs, asking.actor)
        return try await route.handler(
            Call(
                request: request, parts: parts, fields: try Fields(request), asking: asking, source: source,
                now: now))
    }

    private func require(_ role: Role, _ actor: Actor) throws {
        guard actor.role < role else { return }
        throw Failure(
            .forbidden, "\(actor.name) may not do that as \(actor.role.rawValue)",
            hint: "it takes a token of the role \(role.rawValue) at least")
    }

    // MARK: who asks

    private func asking(_ request: HTTPRequest) throws -> Asking {
        guard let key = request.headers["fastly-key"], !key.isEmpty else {
            throw Failure(
                .unauthenticated, "no key was sent",
                hint: "send 'Fastly-Key: TOKEN'; 'hq token create' makes one")
        }
        let now = Date().milliseconds
        let found = try source.store.read { transaction in
            try People.bearer(token: key, door: .api, now: now, in: transaction)
        }
        guard let (actor, token) = found else {
            throw Failure(
                .unauthenticated, "this key is unknown or has expired",
                hint: "'hq token create' makes a new one")
        }
        return Asking(
            actor: Actor(
                name: actor.name, role: actor.role, door: .api,
                address: request.clientAddress.isEmpty ? nil : request.clientAddress),
            argv: ["fastly-api", request.method, request.path], token: token)
    }
}
