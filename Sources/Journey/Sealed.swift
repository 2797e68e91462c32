/// Texts that are secret: what the store and the ledger hold of them is sealed, and says so in front, so that whoever shows a value
/// need not know where it comes from.
package enum Sealed {
    package static let mark = "sealed:"
    /// What is shown instead.
    package static let shown = "***"

    package static func masked(_ value: String) -> String { value.hasPrefix(mark) ? shown : value }
}

extension Edit {
    /// The edit as anybody may read it.
    package var masked: Edit {
        Edit(kind, path, before: before.map(Sealed.masked), after: after.map(Sealed.masked))
    }
}

extension Change {
    /// The change as anybody may read it.
    package var masked: Change { Change(summary: summary, edits: edits.map(\.masked), noUndo: noUndo) }
}
