import CampaignFile
import Console
import ControlPlane
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import People
import Rehearsal
import Rehearsals
import Store

/// Brings the console and the control plane together: the two planes know each other through this alone.
struct ControlConsole: ConsoleSource {
    let control: Control
    let registry: any CommandRegistry
    let checks: SiteChecks

    var store: Store { control.store }
    var timeZone: TimeZone { get async { await control.timeZone } }

    func facts() async throws -> ConsoleFacts {
        let status = try await control.status()
        let campaign = await control.currentCampaign
        let answers = await checks.answers
        let edge = checks.edgeAddress
        return ConsoleFacts(
            campaign: campaign,
            edges: status.edges.map {
                ConsoleFacts.Edge(
                    name: $0.name, isCurrent: $0.number >= status.revision && $0.refusal == nil,
                    refusal: $0.refusal)
            },
            sites: campaign.sites.map { site in
                ConsoleFacts.Site(
                    name: site.name, address: site.domains.first ?? site.name,
                    status: answers[site.name] ?? nil,
                    isChecked: answers[site.name] != nil)
            }, notes: status.notes, edgeAddress: "\(edge ?? "http://127.0.0.1:8080")/")
    }

    func traffic() async -> Traffic { await control.traffic }
    func scheduled() async throws -> [ScheduledChange] { try await control.schedules() }
    func approvals() async throws -> [PendingApproval] { try await control.approvals() }
    func presets() async throws -> [PresetView] {
        try await control.presets().map {
            PresetView(name: $0.preset.name, about: $0.preset.about, state: $0.state.rawValue)
        }
    }
    func rehearsals() async throws -> (running: [RehearsalRecord], kept: [Rehearsals.Summary]) {
        (await control.rehearsals, try store.read { try Rehearsals.list(in: $0) })
    }
    func rehearsal(_ id: String) async throws -> RehearsalRecord? {
        let running = await control.rehearsals.first { $0.account.id == id }
        return try running ?? store.read { try Rehearsals.report(id, in: $0) }
    }

    func program() async throws -> EdgeSnapshot { try await control.snapshot() }
    func programVersions() async throws -> [LedgerEntry] {
        try await control.programVersions(limit: 20).map(\.entry)
    }
    func programFiles(version: Int64) async throws -> [String: String] {
        try await control.programFiles(version: version)
    }

    func openSession(link: String, address: String) async throws -> String? {
        try await control.openSession(link: link, address: address)
    }
    func session(secret: String, peek: Bool) async throws -> Session? {
        try await control.session(secret: secret, peek: peek)
    }
    func endSession(_ id: Int64) async throws { try await control.endSession(id) }
    func offerFactor(to session: Session) async throws -> FactorOffer {
        try await control.offerFactor(to: session)
    }
    func confirm(_ session: Session, code: String) async throws {
        try await control.confirm(session, code: code)
    }
}
