import Foundation
package import Journey
import Kernel
package import Rehearsal
package import Rehearsals
import Store

/// Rehearsals change nothing: there is no journey, and no entry in the ledger. What they say is shown while they go on, and
/// their reports are kept.
extension Control {
    /// What a rehearsal says of itself, each second and at its end.
    package func received(_ account: RehearsalAccount, by actor: Actor) throws {
        try require(.operator, actor)
        let last = try runningRehearsals.take(account, from: actor.name, now: Control.milliseconds())
        if let last { try store.write { try Rehearsals.keep(last, in: $0) } }
    }

    package var rehearsals: [RehearsalRecord] { runningRehearsals.records }

    /// Those that were killed are kept as far as they came.
    package func keepSilentRehearsals(now: Int64) throws {
        for record in runningRehearsals.takeSilent(now: now) {
            try store.write { try Rehearsals.keep(record, in: $0) }
        }
    }
}
