import Crypto
import CryptoExtras
import Kernel

/// AES for `crypto.encrypt_*` and `crypto.decrypt_*`. With gcm, the tag of 16 bytes follows the ciphertext.
struct Cipher: Sendable {
    enum Mode: String, Sendable { case cbc, ctr, gcm }

    static let names: [String] = ["aes128", "aes192", "aes256"]
    static let modes: [String] = ["cbc", "ctr", "gcm"]
    static let paddings: [String] = ["pkcs7", "nopad"]

    let keyBytes: Int
    let mode: Mode
    let pads: Bool

    init(name: String, mode: String, padding: String) {
        keyBytes = name == "aes128" ? 16 : name == "aes192" ? 24 : 32
        self.mode = Mode(rawValue: mode) ?? .cbc
        pads = padding == "pkcs7"
    }

    /// What is wrong with a mode and a padding that do not go together.
    static func objection(mode: String, padding: String) -> String? {
        mode != "cbc" && padding != "nopad" ? "the mode \(mode) has no padding: write nopad" : nil
    }

    private var ivBytes: Int { mode == .gcm ? 12 : 16 }

    /// The other side of `text`; nil with `fastly.error` EINVAL for a key, a vector or a text of the wrong length, and
    /// EBADDECRYPT for a ciphertext that is not what this key made.
    func run(decrypting: Bool, key: Bytes, iv: Bytes, _ text: Bytes, _ context: Context) -> Bytes {
        guard let key = Hex.decode(key, in: context.arena), key.count == keyBytes,
            let iv = Hex.decode(iv, in: context.arena), iv.count == ivBytes, context.mayMake(text.count),
            mode != .cbc || (pads && !decrypting) || text.count % 16 == 0
        else { return context.lastError.isSet ? .notSet : context.fail("EINVAL") }
        do {
            let secret = SymmetricKey(data: key.raw)
            return context.arena.copy(
                bytes: decrypting ? try decrypt(text, secret, iv) : try encrypt(text, secret, iv))
        } catch {
            return context.fail(decrypting ? "EBADDECRYPT" : "EINVAL")
        }
    }

    private func encrypt(_ text: Bytes, _ key: SymmetricKey, _ iv: Bytes) throws -> [UInt8] {
        switch mode {
        case .cbc:
            let vector = try AES._CBC.IV(ivBytes: iv.array)
            return Array(try AES._CBC.encrypt(text.raw, using: key, iv: vector, noPadding: !pads))
        case .ctr:
            let nonce = try AES._CTR.Nonce(nonceBytes: iv.array)
            return Array(try AES._CTR.encrypt(text.raw, using: key, nonce: nonce))
        case .gcm:
            let box = try AES.GCM.seal(text.raw, using: key, nonce: AES.GCM.Nonce(data: iv.raw))
            return Array(box.ciphertext) + Array(box.tag)
        }
    }

    private func decrypt(_ text: Bytes, _ key: SymmetricKey, _ iv: Bytes) throws -> [UInt8] {
        switch mode {
        case .cbc:
            let vector = try AES._CBC.IV(ivBytes: iv.array)
            return Array(try AES._CBC.decrypt(text.raw, using: key, iv: vector, noPadding: !pads))
        case .ctr:
            let nonce = try AES._CTR.Nonce(nonceBytes: iv.array)
            return Array(try AES._CTR.decrypt(text.raw, using: key, nonce: nonce))
        case .gcm:
            let end = max(0, text.count - 16)
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: iv.raw), ciphertext: text.slice(0, end).raw,
                tag: text.slice(end, text.count).raw)
            return Array(try AES.GCM.open(box, using: key))
        }
    }
}

extension Arena {
    func copy(bytes: [UInt8]) -> Bytes { bytes.withUnsafeBytes { copy($0) } }
}
