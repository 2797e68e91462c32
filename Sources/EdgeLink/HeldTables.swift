import Foundation
import Kernel
package import VCLRuntime

// An edge that was away, or has just been started, holds most of what it is to have. A million entries are not sent again to find
// that out: it says what it holds of each large dictionary, and gets the others.

/// Digests of the large dictionaries that an edge holds, as it sends them in the address of its feed. Keyed with seeds that it draws
/// each time, so that nobody can prepare entries that look like others.
package struct HeldTables: Sendable, Codable, Equatable {
    package let seeds: [UInt64]
    /// By full name.
    package let digests: [String: [UInt64]]

    /// Takes some hundredths of a second for a million entries.
    package init(_ tables: [String: Table], seeds: [UInt64]) {
        self.seeds = seeds
        digests = tables.filter { $0.value.byteCount > EdgeLinkLimits.inlineEntryBytes }.mapValues {
            $0.digest(seeds)
        }
    }

    /// How many seeds make a digest: 128 bits in all.
    package static let seedCount = 2

    /// As a query's value (base64url); nil when there are none.
    package var text: String? {
        guard !digests.isEmpty, let data = try? JSONEncoder().encode(self) else { return nil }
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// Nil for what is no such text.
    package init?(text: String) {
        var base = text.replacing("-", with: "+").replacing("_", with: "/")
        base += String(repeating: "=", count: (4 - base.count % 4) % 4)
        guard let data = Data(base64Encoded: base),
            let held = try? JSONDecoder().decode(HeldTables.self, from: data),
            held.seeds.count == HeldTables.seedCount
        else { return nil }
        self = held
    }
}

extension Table {
    /// What tells this table's entries from any others, in whatever order they lie: the sums of a hash of each entry, one sum for
    /// each seed.
    package func digest(_ seeds: [UInt64]) -> [UInt64] {
        var sums = seeds.map { _ in UInt64(0) }
        let hashes = seeds.map { ByteHash(seed: $0) }
        forEach { key, value in
            // The key's hash seeds the value's, so that values that change places show.
            for lane in sums.indices { sums[lane] &+= ByteHash(seed: hashes[lane](key))(value) }
        }
        return sums
    }
}
