package import CampaignFile
package import EdgeLink
package import Journey
import Kernel
package import Services
package import Store

/// What the API needs of the control plane, which supplies it: the planes do not know each other.
package protocol FastlySource: Sendable {
    /// What is read is read here.
    var store: Store { get }
    /// The campaign as it is, its service in line with its files.
    func campaign() async throws -> (campaign: Campaign, service: ServiceRecord)
    /// Carries out a change of what the public sees, through guards, ledger and watch.
    func change(
        _ asking: Asking, needs role: Role, plan: @escaping @Sendable (StoreTransaction) throws -> Change
    ) async throws
    /// Changes services and drafts, which nobody is served by; `summary` goes into the ledger.
    func draft<T: Sendable>(
        _ asking: Asking, service: String?, summary: String?,
        _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) async throws -> T
    func activate(_ version: Int, of service: String, _ asking: Asking) async throws
    func deactivate(_ version: Int, of service: String, _ asking: Asking) async throws
    /// What is wrong with a version of the campaign's own program.
    func campaignFindings(_ version: Int) async throws -> (errors: [String], warnings: [String])
    /// The number of the purge.
    func purge(_ scopes: [PurgeOrder.Scope], soft: Bool, service: String?, _ asking: Asking) async throws
        -> Int64
    func traffic() async -> Traffic
    /// Addresses from which the edges ask origins.
    func publicAddresses() async -> [String]
    /// Makes of a secret what is kept of it.
    var seal: @Sendable (String) throws -> String { get }
}

/// Who asks for what; it stands in the ledger like that.
package struct Asking: Sendable {
    package let actor: Actor
    package let argv: [String]
    /// The token's number.
    package let token: Int64

    package init(actor: Actor, argv: [String], token: Int64) {
        self.actor = actor
        self.argv = argv
        self.token = token
    }
}
