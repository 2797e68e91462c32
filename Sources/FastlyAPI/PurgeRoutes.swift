import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Services

/// Purges: an address, what keys name, or everything of a service. Soft ones leave what is purged to be served stale.
enum PurgeRoutes {
    static let all: [Route] = [
        Route("POST", "/purge/*url", .editor) { call in
            let scope = try address(call["url"], call.request.queryText)
            return Answer(["status": "ok", "id": .string(try await purge([scope], nil, call))])
        },
        // A key may hold slashes, which some clients do not encode.
        Route("POST", "/service/:service/purge/*key", .editor) { call in
            let key = call["key"].removingPercentEncoding ?? call["key"]
            let id = try await purge([try scope(key)], try call.record().id, call)
            return Answer(["status": "ok", "id": .string(id)])
        },
        Route("POST", "/service/:service/purge", .editor) { call in try await batch(call) },
        Route("POST", "/service/:service/purge_all", .operator) { call in
            guard !isSoft(call) else {
                throw Failure(
                    .invalid, "there is no soft purge of everything",
                    hint: "send it without Fastly-Soft-Purge, or purge by key")
            }
            _ = try await purge([.all], try call.record().id, call)
            return Answer.ok
        },
    ]

    private static func isSoft(_ call: Call) -> Bool { call.request.headers["fastly-soft-purge"] != nil }

    private static func purge(_ scopes: [PurgeOrder.Scope], _ service: String?, _ call: Call) async throws
        -> String
    {
        let number = try await call.source.purge(scopes, soft: isSoft(call), service: service, call.asking)
        // Fastly's look like 108-1391560174-974124.
        return "\(number)-\(call.now / 1000)-\(call.asking.token)"
    }

    private static func scope(_ key: String) throws -> PurgeOrder.Scope {
        guard key.contains(where: { !$0.isWhitespace }), key.utf8.count <= 1024 else {
            throw Failure(.invalid, "a surrogate key has 1 to 1024 bytes", hint: "POST .../purge/KEY")
        }
        return .key(key)
    }

    /// `www.example.com/path`, with a scheme or without; clients that encode the slashes encode all of them.
    static func address(_ raw: String, _ query: String) throws -> PurgeOrder.Scope {
        var text = raw.contains("/") ? raw : raw.removingPercentEncoding ?? raw
        for scheme in ["https://", "http://", "https%3A//", "http%3A//", "https:/", "http:/"]
        where text.lowercased().hasPrefix(scheme.lowercased()) {
            text = String(text.dropFirst(scheme.count))
            break
        }
        let host = text.prefix { $0 != "/" && $0 != "?" }
        var target = String(text.dropFirst(host.count))
        guard !host.isEmpty else {
            throw Failure(
                .invalid, "there is no host in the address to purge", hint: "/purge/www.example.com/path")
        }
        if !target.hasPrefix("/") { target = "/" + target }
        return .url(
            host: host.lowercased(),
            target: query.isEmpty || target.contains("?") ? target : "\(target)?\(query)")
    }

    private static func batch(_ call: Call) async throws -> Answer {
        var keys: [String] = []
        if let header = call.request.headers["surrogate-key"] {
            keys = header.split(whereSeparator: \.isWhitespace).map(String.init)
        } else {
            let list = call.fields.json?.array ?? call.fields["surrogate_keys"]?.array ?? []
            keys = list.compactMap(\.string)
        }
        guard !keys.isEmpty, keys.count <= FastlyLimits.purgeKeys else {
            throw Failure(
                .invalid, "a purge names 1 to \(FastlyLimits.purgeKeys) keys, this one \(keys.count)",
                hint: "send the header Surrogate-Key, or {\"surrogate_keys\": [...]}")
        }
        let scopes = try keys.map { try scope($0) }
        let id = try await purge(scopes, try call.record().id, call)
        return Answer(.object(keys.map { JSONMember($0, .string(id)) }))
    }
}
