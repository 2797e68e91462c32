import CampaignFile
import Foundation
import HTTPKit
import Journey
import Kernel
import Services
import Store

/// One request that found its route: who asks, and what stands in path, query and body.
struct Call: Sendable {
    let request: HTTPRequest
    /// What stands where the route's pattern has names.
    let parts: [String: String]
    let fields: Fields
    let asking: Asking
    let source: any FastlySource
    /// Milliseconds since 1970.
    let now: Int64

    subscript(_ name: String) -> String { parts[name] ?? "" }

    var service: String { self["service"] }

    func number(_ name: String) throws -> Int {
        guard let number = Int(self[name]), number > 0 else {
            throw Failure(.notFound, "'\(self[name])' is no version's number")
        }
        return number
    }

    var version: Int { get throws { try number("version") } }

    func read<T: Sendable>(_ body: @Sendable (StoreTransaction) throws -> T) throws -> T {
        try source.store.read(body)
    }

    /// The service of the path.
    func record() throws -> ServiceRecord { try read { try Services.service(service, in: $0) } }

    /// Refuses what the campaign file decides, for the campaign's own service.
    func requireOwn(_ what: String, _ key: String) throws {
        guard try record().isCampaign else { return }
        throw Failure(
            .forbidden, "\(what) of the campaign's own program stand in campaign.yaml",
            hint: "change them there, under \(key), and run: hq reload")
    }

    func draft<T: Sendable>(
        _ summary: String? = nil, _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) async throws -> T {
        try await source.draft(
            asking, service: parts["service"], summary: summary, body)
    }
}
