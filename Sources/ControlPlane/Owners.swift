import Dictionaries
import Journey
import Kernel
import People
import Remote
import Services
import Store

/// Which capability owns the things of a kind. One line for each kind: all of the journey's reach can be read here.
enum Owners {
    static func current(_ edit: Edit, in transaction: StoreTransaction) throws -> String? {
        switch edit.kind {
        case Dictionaries.kind: try Dictionaries.current(edit.path, in: transaction)
        case People.personKind: try People.current(edit.path, in: transaction)
        case CampaignFiles.kind: try CampaignFiles.current(edit.path, in: transaction)
        case Approvals.kind: try Approvals.current(edit.path, in: transaction)
        case Remote.kind: try Remote.current(edit.path, in: transaction)
        case Schedules.kind: try Schedules.current(edit.path, in: transaction)
        case ShedSwitch.kind: try ShedSwitch.current(edit.path, in: transaction)
        case Services.activeKind, Services.snippetKind: try Services.current(edit, in: transaction)
        default: throw Failure(.internal, "nobody owns '\(edit.kind)'")
        }
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        switch edit.kind {
        case Dictionaries.kind: try Dictionaries.apply(edit, in: transaction)
        case People.personKind: try People.apply(edit, in: transaction)
        case CampaignFiles.kind: try CampaignFiles.apply(edit, in: transaction)
        case Approvals.kind: try Approvals.apply(edit, in: transaction)
        case Remote.kind: try Remote.apply(edit, in: transaction)
        case Schedules.kind: try Schedules.apply(edit, in: transaction)
        case ShedSwitch.kind: try ShedSwitch.apply(edit, in: transaction)
        case Services.activeKind, Services.snippetKind:
            try Services.apply(edit, now: Control.milliseconds(), in: transaction)
        default: throw Failure(.internal, "nobody owns '\(edit.kind)'")
        }
    }

    /// Who may change such a thing, and so take a change of it back.
    static func role(toChange edit: Edit) -> Role {
        switch edit.kind {
        case Dictionaries.kind: .editor
        case People.personKind: .admin
        case CampaignFiles.kind: CampaignFiles.role(toChange: edit)
        case Approvals.kind: Approvals.role(toChange: edit)
        case Schedules.kind: Schedules.role(toChange: edit)
        case ShedSwitch.kind, Services.activeKind, Services.snippetKind: .operator
        default: .operator
        }
    }
}
