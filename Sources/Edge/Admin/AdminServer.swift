import EdgeLink
import EdgeRecords
import Foundation
package import HTTPKit
import Kernel
import VCLRuntime

/// What an edge tells whoever runs it, over a Unix socket that is the operator's alone: its state, its live log, explanations. It
/// runs on threads of its own, beside the loops that serve.
package struct AdminServer: Sendable {
    private let core: EdgeCore
    /// An edge of a campaign does what the campaign's control plane says.
    private let followsCampaign: Bool

    package init(_ core: EdgeCore, followsCampaign: Bool = false) {
        self.core = core
        self.followsCampaign = followsCampaign
    }

    /// Metrics alone, for a listener that others reach.
    package static func metrics(of core: EdgeCore) -> HTTPServer.Handler {
        { request in
            guard request.path == "/metrics" else {
                return HTTPResponse(status: 404, type: "text/plain", text: "metrics are at /metrics\n")
            }
            return await AdminServer(core).metrics()
        }
    }

    /// Everything.
    package func handle(_ request: HTTPRequest) async -> HTTPResponse {
        do {
            switch (request.method, request.path) {
            case ("GET", "/metrics"): return await metrics()
            case ("GET", "/v1/observation"): return try json(await core.observed(withClients: true))
            case ("GET", "/v1/log"): return try log(request)
            case ("POST", "/v1/log/reopen"):
                await core.observation.hub.reopen()
                return HTTPResponse(type: "application/json", text: "{}\n")
            case ("POST", "/v1/shed"):
                try await shed(request)
                return HTTPResponse(type: "application/json", text: "{}\n")
            case ("GET", "/v1/certificates"): return try json(core.certificates.shown)
            case ("GET", "/v1/explain"): return try json(await explain(request))
            case ("GET", "/v1/requests"): return try await requests(request)
            default: throw Failure(.notFound, "an edge has no \(request.method) \(request.path)")
            }
        } catch let failure as Failure {
            return AdminServer.refusal(failure)
        } catch {
            return AdminServer.refusal(Failure(.internal, "\(error)"))
        }
    }

    private static func refusal(_ failure: Failure) -> HTTPResponse {
        let status =
            switch failure.kind {
            case .usage, .invalid: 400
            case .notFound: 404
            case .limit, .unavailable: 503
            default: 500
            }
        let refusal = AdminRefusal(message: failure.message, hint: failure.hint)
        let body = (try? JSONEncoder().encode(refusal)) ?? Data()
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")], body: .data(body))
    }

    private func json(_ value: some Encodable) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return HTTPResponse(
            headers: [("Content-Type", "application/json")], body: .data(try encoder.encode(value)))
    }

    private func metrics() async -> HTTPResponse {
        var metrics = EdgeMetrics(await core.observed())
        return HTTPResponse(type: "text/plain; version=0.0.4; charset=utf-8", text: metrics.text(of: core))
    }

    /// Lines from now on. The first one is empty: it says that nothing is missed any more.
    private func log(_ request: HTTPRequest) throws -> HTTPResponse {
        let filter = try request.query["filter"].map { text throws(Failure) in try RecordFilter(text) }
        let clients = request.query["clients"].flatMap { ClientShown(rawValue: $0) } ?? .full
        let lines = try core.observation.hub.follow(filter ?? .everything, clients: clients)
        return HTTPResponse(
            headers: [("Content-Type", "application/x-ndjson")], body: .stream(lines))
    }

    private func shed(_ request: HTTPRequest) async throws {
        guard !followsCampaign else {
            throw Failure(
                .usage, "this edge does what its campaign says",
                hint: "hq edge shed on, in the campaign's folder")
        }
        guard let state = request.query["state"], ["on", "off"].contains(state) else {
            throw Failure(.usage, "state is on or off")
        }
        let except = (request.query["except"] ?? "").split(separator: "\n").map(String.init)
        await core.shed(state == "on" ? ShedRule(except: except) : nil)
    }

    private func explain(_ request: HTTPRequest) async throws -> Explanation {
        let url = request.query["url"] ?? ""
        guard var asked = ExplainedRequest(url: url) else {
            throw Failure(.usage, "'\(url)' is no address", hint: "such as https://www.example.org/debate")
        }
        if let method = request.query["method"] { asked.method = method }
        if let client = request.query["client"] {
            guard let address = IPAddress(client) else {
                throw Failure(.usage, "'\(client)' is no IP address")
            }
            asked.client = address
        }
        for line in (request.query["headers"] ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(.usage, "a header is written 'Name: value', not '\(line)'")
            }
            asked.headers.append(
                (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)))
        }
        return try await core.explain(asked)
    }

    private func requests(_ request: HTTPRequest) async throws -> HTTPResponse {
        var found: [[UInt8]]?
        if let client = request.query["client"] {
            found = await core.requests(ofClient: client)
            if found == nil {
                throw Failure(
                    .unavailable, "this edge has no flight recorder",
                    hint: "start it with --flight-recorder 16MiB")
            }
        } else {
            found = core.samples(request.query["kind"] ?? "slow")
        }
        guard let found else {
            throw Failure(.usage, "requests are asked for by client, or by kind=slow or large")
        }
        return HTTPResponse(
            headers: [("Content-Type", "application/x-ndjson")], body: .data(Data(found.joined())))
    }
}

/// How the server says that something is not possible.
package struct AdminRefusal: Sendable, Codable {
    package let message: String
    package let hint: String?
}
