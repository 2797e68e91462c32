import Kernel

// Texts are searched byte by byte here. The standard library compares by characters, which for programs comes to the same
// and takes fifty times as long; over all literals of a program that was most of what a check cost.

extension String {
    func contains(_ other: String) -> Bool { firstOffset(of: other) != nil }

    /// The first place of `other`, as an offset in UTF-8.
    func firstOffset(of other: String) -> Int? {
        withBytes { text in other.withBytes { text.firstIndex(of: $0) } }
    }
}
