package enum Base64URL {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Without padding (RFC 7515, section 2).
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(letters[Int(held >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { out.append(letters[Int(held << UInt32(6 - bits)) & 63]) }
        return String(decoding: out, as: UTF8.self)
    }

    /// Nil for what is not in the alphabet, or ends in the middle of a byte. Padding is allowed, since people copy keys from
    /// pages that show it.
    package static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        var rest = text.utf8[...]
        while rest.last == UInt8(ascii: "=") { rest.removeLast() }
        for letter in rest {
            guard let value = letters.firstIndex(of: letter) else { return nil }
            held = held << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        return bits < 6 ? out : nil
    }
}
