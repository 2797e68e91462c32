import Crypto
import Foundation

/// Time-based one-time passwords: RFC 6238 with SHA-1, 30 seconds and six digits, which every authenticator app knows.
package enum OneTimePassword {
    static let seconds: Int64 = 30
    /// Steps before and after the present one that are taken too, for clocks that differ.
    static let drift: Int64 = 1

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    /// 160 bits in base32 (RFC 4648), as authenticator apps take them.
    package static func newSecret() -> String {
        String((0..<32).map { _ in alphabet.randomElement() ?? "A" })
    }

    /// What an app reads from a QR code or a link.
    package static func link(secret: String, person: String, campaign: String) -> String {
        "otpauth://totp/\(campaign):\(person)?secret=\(secret)&issuer=HQ%20\(campaign)"
    }

    package static func code(_ secret: String, step: Int64) -> String {
        let mac = HMAC<Insecure.SHA1>.authenticationCode(
            for: withUnsafeBytes(of: UInt64(step).bigEndian) { Data($0) },
            using: SymmetricKey(data: bytes(secret)))
        let digest = Array(mac)
        let offset = Int(digest[19] & 15)
        let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step whose code this is, when it is later than `last`: a code is good once.
    package static func step(of code: String, _ secret: String, now: Int64, after last: Int64) -> Int64? {
        let present = now / 1000 / seconds
        let code = code.filter(\.isNumber)
        return (present - drift...present + drift).first { $0 > last && self.code(secret, step: $0) == code }
    }

    private static func bytes(_ secret: String) -> [UInt8] {
        var bits: UInt64 = 0
        var count = 0
        var result: [UInt8] = []
        for character in secret.uppercased() {
            guard let value = alphabet.firstIndex(of: character) else { continue }
            bits = bits << 5 | UInt64(value)
            count += 5
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
            }
        }
        return result
    }
}

/// What it takes to set up a second factor.
package struct FactorOffer: Sendable {
    package let secret: String
    /// For a phone's camera or a link on the phone itself.
    package let link: String

    package init(secret: String, link: String) {
        self.secret = secret
        self.link = link
    }
}
