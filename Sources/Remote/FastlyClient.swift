import Foundation
import HTTPKit
package import Kernel

/// One service of Fastly's API (or of another HQ's), as a client sees it. Paths are those of Fastly's published reference.
package struct FastlyClient: Sendable {
    /// `https://api.fastly.com`, without a slash at its end.
    package let api: String
    /// The service's id.
    package let service: String
    private let key: String

    package init(api: String, service: String, key: String) {
        self.api = api
        self.service = service
        self.key = key
    }

    /// What goes with a request.
    package enum Body: Sendable {
        case none
        case form([(String, String)])
        case json(JSONValue)
    }

    /// The answer's JSON. Throws `Failure` in the words of the API, or `.unavailable` when there is no answer in time.
    @discardableResult
    package func send(
        _ method: String, _ path: String, _ body: Body = .none, headers more: [(String, String)] = []
    ) async throws -> JSONValue {
        var headers = [("Fastly-Key", key), ("Accept", "application/json")] + more
        var data: Data?
        switch body {
        case .none: break
        case .form(let fields):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            let pairs = fields.map { "\(FastlyClient.escaped($0))=\(FastlyClient.escaped($1))" }
            data = Data(pairs.joined(separator: "&").utf8)
        case .json(let value):
            headers.append(("Content-Type", "application/json"))
            data = Data(value.text.utf8)
        }
        let answer: (status: Int, body: Data)
        do {
            answer = try await HTTPClientKit(base: api, token: "").send(
                method, path, headers: headers, body: data, timeout: RemoteLimits.answer)
        } catch {
            throw Failure(
                .unavailable, "\(api) does not answer", hint: "what is live there stays as it is; try again",
                context: ["error": "\(error)"])
        }
        guard (200..<300).contains(answer.status) else { throw refusal(answer.status, answer.body) }
        return (try? JSONReader.read(Array(answer.body), name: "the answer of \(api)")) ?? .null
    }

    private func refusal(_ status: Int, _ body: Data) -> Failure {
        let json = try? JSONReader.read(Array(body), name: "the answer")
        let words = [json?["msg"]?.string, json?["detail"]?.string].compactMap(\.self).filter { !$0.isEmpty }
        let message = words.isEmpty ? "it answers \(status)" : words.joined(separator: ": ")
        switch status {
        case 401:
            return Failure(
                .unauthenticated, "\(api) does not know the key",
                hint: "write a key of it into the file of edge: remote: key:")
        case 403: return Failure(.forbidden, "\(api) refuses: \(message)", hint: "its key may do too little")
        case 404: return Failure(.notFound, "\(api): \(message)", hint: "is \(service) the service's id?")
        case 429, 500...: return Failure(.unavailable, "\(api): \(message)", hint: "try again")
        default: return Failure(.refused, "\(api) refuses: \(message)")
        }
    }

    /// `/service/ID/...`
    package func path(_ parts: String...) -> String { path(parts) }

    func path(_ parts: [String]) -> String {
        "/service/" + ([service] + parts).map(FastlyClient.escaped).joined(separator: "/")
    }

    func path(version: Int, _ parts: String...) -> String { path(["version", "\(version)"] + parts) }

    /// A segment of a path, or a field of a form.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: CharacterSet(
                charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")) ?? text
    }

    // MARK: versions

    /// The number of the version that is live; nil when none is.
    package func activeVersion() async throws -> Int? {
        let versions = try await send("GET", path("version")).elements
        return versions.first { $0["active"] == .bool(true) }?["number"]?.whole
    }

    /// A new draft with what `version` holds.
    func clone(_ version: Int) async throws -> Int {
        let made = try await send("PUT", path(version: version, "clone"))
        guard let number = made["number"]?.whole else {
            throw Failure(.unavailable, "\(api) made no new version")
        }
        return number
    }

    /// Throws `Failure(.invalid)` with what is wrong with a draft.
    func validate(_ version: Int) async throws {
        let answer = try await send("GET", path(version: version, "validate"))
        guard answer["status"]?.string != "ok" else { return }
        let words = answer["errors"]?.elements.compactMap(\.string) ?? []
        throw Failure(
            .invalid,
            "\(api) finds mistakes in version \(version)"
                + (words.isEmpty
                    ? answer["msg"]?.string.map { ": \($0)" } ?? "" : ": " + words.joined(separator: "; ")))
    }

    package func activate(_ version: Int) async throws {
        try await send("PUT", path(version: version, "activate"))
    }

    // MARK: purges

    /// Which pages are forgotten there; soft: they may still be served stale. A soft purge of everything is none of Fastly's.
    package enum Purge: Sendable, Hashable {
        case all
        case key(String)
        case url(host: String, target: String)
    }

    package func purge(_ what: Purge, soft: Bool) async throws {
        let headers = soft ? [("Fastly-Soft-Purge", "1")] : []
        switch what {
        case .all: try await send("POST", path("purge_all"))
        case .key(let key): try await send("POST", path("purge", key), headers: headers)
        case .url(let host, let target): try await send("POST", "/purge/\(host)\(target)", headers: headers)
        }
    }

    /// All elements of a list that comes in pages.
    func pages(_ path: String) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        for page in 1...RemoteLimits.pages {
            let found = try await send("GET", "\(path)?page=\(page)&per_page=\(RemoteLimits.pageEntries)")
                .elements
            all += found
            if found.count < RemoteLimits.pageEntries { return all }
        }
        throw Failure(
            .limit,
            "\(api) has more than \(RemoteLimits.pages * RemoteLimits.pageEntries) entries in one list")
    }
}

extension JSONValue {
    /// A whole number, written as a number or as a string.
    var whole: Int? {
        switch self {
        case .number(let text), .string(let text): Int(text)
        default: nil
        }
    }
}
