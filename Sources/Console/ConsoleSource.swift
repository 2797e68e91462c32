package import CampaignFile
package import EdgeLink
package import Foundation
import HTTPKit
package import Journey
package import Ledger
package import People
package import Rehearsals
package import Store

/// What the console needs of the control plane. The program supplies it, so that neither plane knows the other.
package protocol ConsoleSource: Sendable {
    var store: Store { get }
    var registry: any CommandRegistry { get }
    /// The campaign's; of itself, because live lists of entries ask for nothing else twice a second.
    var timeZone: TimeZone { get async }
    func facts() async throws -> ConsoleFacts
    func traffic() async -> Traffic
    func scheduled() async throws -> [ScheduledChange]
    /// What waits for a second person, the oldest first.
    func approvals() async throws -> [PendingApproval]
    func presets() async throws -> [PresetView]
    /// Rehearsals that go on, as they said last, and the reports of the last ones, the latest first.
    func rehearsals() async throws -> (running: [RehearsalRecord], kept: [Rehearsals.Summary])
    /// One that is kept, or goes on.
    func rehearsal(_ id: String) async throws -> RehearsalRecord?

    /// The program that edges serve, with what the dictionaries hold now.
    func program() async throws -> EdgeSnapshot
    /// Entries that changed the program, newest first, which is the active one.
    func programVersions() async throws -> [LedgerEntry]
    /// The program's files as they were after this entry.
    func programFiles(version: Int64) async throws -> [String: String]

    func openSession(link: String, address: String) async throws -> String?
    /// `peek`: without keeping it open, for what a page does by itself.
    func session(secret: String, peek: Bool) async throws -> Session?
    func endSession(_ id: Int64) async throws
    func offerFactor(to session: Session) async throws -> FactorOffer
    func confirm(_ session: Session, code: String) async throws
}

/// A preset, and whether what it sets is so at the moment: `on`, `off` or `mixed`.
package struct PresetView: Sendable {
    package let name: String
    package let about: String
    package let state: String

    package init(name: String, about: String, state: String) {
        self.name = name
        self.about = about
        self.state = state
    }
}

/// How things are at the moment.
package struct ConsoleFacts: Sendable {
    package struct Edge: Sendable {
        package let name: String
        package let isCurrent: Bool
        package let refusal: String?

        package init(name: String, isCurrent: Bool, refusal: String?) {
            self.name = name
            self.isCurrent = isCurrent
            self.refusal = refusal
        }
    }

    /// What a site answered when it was last asked through the edge.
    package struct Site: Sendable {
        package let name: String
        package let address: String
        /// Nil before the first answer, and when none came.
        package let status: Int?
        package let isChecked: Bool

        package init(name: String, address: String, status: Int?, isChecked: Bool) {
            self.name = name
            self.address = address
            self.status = status
            self.isChecked = isChecked
        }

        package var isUp: Bool { status.map { $0 < 400 } ?? false }
    }

    package let campaign: Campaign
    package let edges: [Edge]
    package let sites: [Site]
    package let notes: [String]
    /// Where visitors reach the edge.
    package let edgeAddress: String

    package init(campaign: Campaign, edges: [Edge], sites: [Site], notes: [String], edgeAddress: String) {
        self.campaign = campaign
        self.edges = edges
        self.sites = sites
        self.notes = notes
        self.edgeAddress = edgeAddress
    }
}
