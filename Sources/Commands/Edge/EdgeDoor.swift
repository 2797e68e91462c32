import ArgumentParser
import Edge
import Foundation
import HTTPKit
import Kernel

/// Which edge a command asks.
struct EdgeDoorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The socket of an edge: what its --admin says.", valueName: "path"),
        completion: .file())
    var admin: String?
    @Option(help: ArgumentHelp("The edge's name in the campaign.", valueName: "name")) var edge = "edge-1"
    @Option(
        help: ArgumentHelp("The campaign's folder; else the one you stand in.", valueName: "dir"),
        completion: .directory)
    var dir: String?

    init() {}

    func door() throws -> EdgeDoor {
        if let admin { return EdgeDoor(path: admin) }
        do {
            return EdgeDoor(path: EdgeDoor.path(of: edge, in: try ControlFinder.folder(dir)))
        } catch let failure as Failure where failure.kind == .notFound && dir == nil {
            throw Failure(
                .notFound, failure.message,
                hint: "go to a campaign's folder, or give --admin PATH, as the edge was started with")
        }
    }
}

/// Asks a running edge through its socket.
struct EdgeDoor {
    let path: String
    private let client: HTTPClientKit

    /// Where an edge of a campaign has its socket.
    static func path(of edge: String, in folder: URL) -> String {
        folder.appendingPathComponent(".hq/\(edge).sock").path
    }

    init(path: String) {
        self.path = path
        let encoded = EdgeDoor.encoded(path)
        client = HTTPClientKit(base: "http+unix://\(encoded)", token: "")
    }

    private static func encoded(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }

    private static func query(_ parameters: [(String, String?)]) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(encoded($0))" } }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    private var silence: Failure {
        Failure(
            .unavailable, "no edge answers at \(path)",
            hint: "is it running? 'hq up' starts one, 'hq edge run --admin PATH' another")
    }

    func ask(_ path: String, _ parameters: [(String, String?)] = [], method: String = "GET") async throws
        -> Data
    {
        guard FileManager.default.fileExists(atPath: self.path) else { throw silence }
        let answer: (status: Int, body: Data)
        do {
            answer = try await client.send(method, path + EdgeDoor.query(parameters))
        } catch let failure as Failure where failure.kind == .unavailable {
            throw silence
        }
        if answer.status == 200 { return answer.body }
        let refusal = try? JSONDecoder().decode(AdminRefusal.self, from: answer.body)
        throw Failure(
            answer.status == 400 ? .usage : .unavailable,
            refusal?.message ?? "the edge answered \(answer.status)",
            hint: refusal?.hint)
    }

    func ask<T: Decodable>(_ path: String, _ parameters: [(String, String?)] = [], as type: T.Type)
        async throws -> T
    {
        let data = try await ask(path, parameters)
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw Failure(
                .unavailable, "the edge's answer cannot be read", hint: "do both run the same version of hq?")
        }
    }

    /// The lines of an answer that goes on, until the edge ends or the caller is cancelled.
    func lines(
        _ path: String, _ parameters: [(String, String?)], _ body: @Sendable (Data) async throws -> Void
    ) async throws {
        guard FileManager.default.fileExists(atPath: self.path) else { throw silence }
        do {
            try await client.lines(path + EdgeDoor.query(parameters), body)
        } catch is Failure {
            throw Failure(
                .limit, "the edge does not show its log now",
                hint: "at most \(LogLimits.followers) may follow it at once")
        } catch is CancellationError {
        } catch let end as EndOfFollowing {
            throw end
        } catch {
            throw silence
        }
    }
}

/// Somebody has seen as many lines as he wanted.
struct EndOfFollowing: Error {}
