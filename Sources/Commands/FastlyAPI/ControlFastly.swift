import CampaignFile
import ControlPlane
import EdgeLink
import FastlyAPI
import Foundation
import Journey
import Kernel
import Ledger
import Services
import Store

/// Brings the Fastly-compatible API and the control plane together: the two planes know each other through this alone.
struct ControlFastly: FastlySource {
    let control: Control

    var store: Store { control.store }
    var seal: @Sendable (String) throws -> String { control.seal }

    private func request(_ asking: Asking) -> Control.Request {
        Control.Request(actor: asking.actor, argv: asking.argv)
    }

    func campaign() async throws -> (campaign: Campaign, service: ServiceRecord) {
        let service = try await control.followedCampaignService()
        return (await control.currentCampaign, service)
    }

    func change(
        _ asking: Asking, needs role: Role, plan: @escaping @Sendable (StoreTransaction) throws -> Change
    ) async throws {
        let result = try await control.carryOut(request(asking), needs: role, plan: plan)
        // A client that is told of success would go on as if it were in effect.
        guard result.isWaiting, let entry = result.entry else { return }
        throw Failure(
            .conflict, result.change.summary,
            hint: "somebody else may hq approve \(entry.number); hq undo \(entry.number) withdraws it")
    }

    func draft<T: Sendable>(
        _ asking: Asking, service: String?, summary: String?,
        _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) async throws -> T {
        try await control.draft(
            service: service, asking.actor, argv: asking.argv, summary: summary, body)
    }

    func activate(_ version: Int, of service: String, _ asking: Asking) async throws {
        try await control.activate(version, of: service, request(asking))
    }

    func deactivate(_ version: Int, of service: String, _ asking: Asking) async throws {
        try await control.deactivate(version, of: service, request(asking))
    }

    func campaignFindings(_ version: Int) async throws -> (errors: [String], warnings: [String]) {
        try await control.campaignFindings(version)
    }

    func purge(_ scopes: [PurgeOrder.Scope], soft: Bool, service: String?, _ asking: Asking) async throws
        -> Int64
    {
        let result = try await control.purge(scopes, soft: soft, service: service, request(asking))
        return result.entry?.number ?? 0
    }

    func traffic() async -> Traffic { await control.traffic }

    func publicAddresses() async -> [String] { NetworkAddresses.own() }
}
