import Crypto
import Foundation
import Kernel
package import VCLRuntime

// An edge that was away, or has just been started, holds most of what it is to have. A million entries are not sent again to find
// that out: it says what it holds of each large dictionary, and gets the others.

extension Table {
    /// What tells this table's entries from any others, in whatever order they lie: the sum of the SHA-256 of each entry, by lanes of
    /// 64 bits, as hexadecimal digits. Takes some tenths of a second for a million entries.
    package var digest: String {
        var lanes = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        forEach { key, value in
            var hash = SHA256()
            withUnsafeBytes(of: UInt64(key.count).littleEndian) { hash.update(bufferPointer: $0) }
            for text in [key, value] {
                guard let start = text.start else { continue }
                hash.update(bufferPointer: UnsafeRawBufferPointer(start: start, count: text.count))
            }
            hash.finalize().withUnsafeBytes { bytes in
                lanes.0 &+= bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
                lanes.1 &+= bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                lanes.2 &+= bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                lanes.3 &+= bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            }
        }
        return [lanes.0, lanes.1, lanes.2, lanes.3].map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// Whether it is worth asking before it is sent.
    package var isLarge: Bool { byteCount > EdgeLinkLimits.inlineEntryBytes }
}

/// What an edge says that it holds, in the address of its feed.
package enum HeldTables {
    /// Digests of large dictionaries, by full name, as a query's value; nil for none.
    package static func text(_ digests: [String: String]) -> String? {
        guard !digests.isEmpty, let data = try? JSONEncoder().encode(digests) else { return nil }
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// Empty for what is no such text.
    package static func digests(_ text: String) -> [String: String] {
        var base = text.replacing("-", with: "+").replacing("_", with: "/")
        base += String(repeating: "=", count: (4 - base.count % 4) % 4)
        return Data(base64Encoded: base).flatMap {
            try? JSONDecoder().decode([String: String].self, from: $0)
        } ?? [:]
    }
}
