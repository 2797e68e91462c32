import Crypto
package import Foundation
import Kernel

/// Encrypts what the store keeps and nobody shall read from a copy of it: second factors, secret dictionary values. AES-GCM
/// with a key of its own beside the store, which no backup holds.
package struct SecretBox: Sendable {
    private let key: SymmetricKey

    /// Reads the key, or makes one that only its owner may read.
    package init(keyFile: URL) throws {
        if FileManager.default.fileExists(atPath: keyFile.path) {
            // A key that cannot be read is not replaced: everything that it sealed would be lost.
            guard let data = FileManager.default.contents(atPath: keyFile.path), data.count == 32 else {
                throw Failure(
                    .unavailable, "the key \(keyFile.path) cannot be read",
                    hint: "restore it from its copy; without it, remove it and set up second factors anew")
            }
            key = SymmetricKey(data: data)
            return
        }
        let fresh = SymmetricKey(size: .bits256)
        let written = fresh.withUnsafeBytes { bytes in
            FileManager.default.createFile(
                atPath: keyFile.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        }
        guard written else { throw Failure(.unavailable, "cannot write \(keyFile.path)") }
        key = fresh
    }

    package func seal(_ text: String) throws -> String {
        guard let sealed = try AES.GCM.seal(Array(text.utf8), using: key).combined else {
            throw Failure(.internal, "a secret could not be sealed")
        }
        return sealed.base64EncodedString()
    }

    /// Nil when it was sealed with another key, as on a machine to which a backup was brought without it.
    package func open(_ sealed: String) -> String? {
        guard let data = Data(base64Encoded: sealed), let box = try? AES.GCM.SealedBox(combined: data),
            let clear = try? AES.GCM.open(box, using: key)
        else { return nil }
        return String(decoding: clear, as: UTF8.self)
    }
}
