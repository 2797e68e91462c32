import Crypto
package import Foundation
import Kernel

/// Seals what an edge keeps of secrets, so that a copy of its disk without its token gives nothing away: AES-GCM (NIST SP 800-38D)
/// with a key that HKDF (RFC 5869) derives from the token.
package struct EntryBox: Sendable, Equatable {
    private let key: SymmetricKey

    package init(token: String) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(token.utf8)), info: Data("hq edge snapshot".utf8),
            outputByteCount: 32)
    }

    package func seal(_ bytes: UnsafeRawBufferPointer) throws -> Data {
        guard let sealed = try AES.GCM.seal(Data(bytes), using: key).combined else {
            throw Failure(.internal, "a secret could not be sealed")
        }
        return sealed
    }

    /// Nil when it was sealed with another key.
    package func open(_ sealed: Data) -> Data? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed) else { return nil }
        return try? AES.GCM.open(box, using: key)
    }
}
