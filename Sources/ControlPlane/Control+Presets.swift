package import CampaignFile
import Dictionaries
import Foundation
package import Journey
import Kernel
import Ledger
package import Store

extension Control {
    /// A preset and how much of it is so at the moment.
    package struct PresetState: Sendable {
        package enum State: String, Sendable { case on, off, mixed }

        package let preset: Preset
        package let state: State
    }

    package func presets() throws -> [PresetState] {
        let all = campaign.presets
        return try store.read { transaction in
            func holds(_ entries: [Preset.Entry]) throws -> Bool {
                try entries.allSatisfy {
                    try Dictionaries.value($0.dictionary, $0.key, in: transaction) == $0.value
                }
            }
            return try all.map { preset in
                PresetState(
                    preset: preset,
                    state: try holds(preset.on) ? .on : try holds(preset.off) ? .off : .mixed)
            }
        }
    }

    /// Sets what a preset sets when it is on, or off.
    package func turn(_ name: String, on: Bool, since: Int64? = nil, _ request: Request) async throws
        -> Result
    {
        try require(.editor, request.actor)
        guard let preset = campaign.presets.first(where: { $0.name == name }) else {
            let names = campaign.presets.map(\.name)
            throw Failure(
                .notFound, "no preset is named '\(name)'",
                hint: nearest(name, among: names).map { "did you mean '\($0)'?" }
                    ?? (names.isEmpty
                        ? "add it under 'presets:' in campaign.yaml"
                        : "there are \(names.joined(separator: ", "))"))
        }
        let seal = seal
        return try await carryOut(request, needs: .editor) {
            let change = try Dictionaries.plan(preset, on: on, seal: seal, in: $0)
            try Control.requireUntouched(change, since: since, in: $0)
            return change
        }
    }

    /// Throws `Failure(.conflict)` when something that a change touches was changed after this entry, if there is one: its author saw what was
    /// before.
    package static func requireUntouched(
        _ change: Change, since entry: Int64?, in transaction: StoreTransaction
    ) throws {
        guard let entry else { return }
        for edit in change.edits {
            guard let later = try Ledger.laterEntry(touching: edit.resource, after: entry, in: transaction)
            else { continue }
            let who = try Ledger.entry(later, in: transaction).map { " by \($0.actor.name)" } ?? ""
            let now = edit.before.map { "is '\(Sealed.masked($0))' now" } ?? "is not there any more"
            throw Failure(
                .conflict,
                "\(edit.path.joined(separator: " ")) was changed meanwhile\(who), with entry \(later): it \(now)",
                hint: "hq show \(later); then decide anew, with --since \(later)")
        }
    }
}
