import Kernel

/// Base64 (RFC 4648) with either alphabet.
enum Base64 {
    enum Variant: Sendable { case standard, url, urlWithoutPadding }

    private static let digits: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let urlDigits: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    static func encode(_ text: Bytes, _ variant: Variant = .standard, in arena: Arena) -> Bytes {
        guard let start = text.start else { return .notSet }
        let alphabet = variant == .standard ? digits.utf8Start : urlDigits.utf8Start
        var writer = ArenaWriter(arena, room: (text.count + 2) / 3 * 4)
        for at in stride(from: 0, to: text.count, by: 3) {
            let left = text.count - at
            let word =
                UInt32(start[at]) << 16 | (left > 1 ? UInt32(start[at + 1]) << 8 : 0)
                | (left > 2 ? UInt32(start[at + 2]) : 0)
            writer.put(alphabet[Int(word >> 18)])
            writer.put(alphabet[Int(word >> 12 & 63)])
            for (digit, there) in [(word >> 6 & 63, left > 1), (word & 63, left > 2)] {
                if there {
                    writer.put(alphabet[Int(digit)])
                } else if variant != .urlWithoutPadding {
                    writer.put(0x3D)
                }
            }
        }
        return writer.finish()
    }

    private static func value(_ byte: UInt8, _ variant: Variant) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2B: variant == .standard ? 62 : nil
        case 0x2F: variant == .standard ? 63 : nil
        case 0x2D: variant == .standard ? nil : 62
        case 0x5F: variant == .standard ? nil : 63
        default: nil
        }
    }

    /// The bytes, NULs among them. Padding is optional and ends the text (without padding, `=` is like any other stranger);
    /// strangers are skipped.
    static func decode(_ text: Bytes, _ variant: Variant = .standard, in arena: Arena) -> Bytes {
        guard text.isSet else { return .notSet }
        var writer = ArenaWriter(arena, room: text.count)
        var (word, bits): (UInt32, UInt32) = (0, 0)
        for byte in text.buffer {
            if byte == 0x3D, variant != .urlWithoutPadding { break }
            guard let digit = value(byte, variant) else { continue }
            word = word << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                writer.put(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return writer.finish()
    }

    /// The same, but nil for text that RFC 4648 does not allow.
    static func strictlyDecode(_ text: Bytes, in arena: Arena) -> Bytes? {
        let end = text.firstIndex(of: 0x3D) ?? text.count
        let padding = text.slice(end, text.count)
        guard text.count % 4 == 0, padding.count <= 2, padding.buffer.allSatisfy({ $0 == 0x3D }),
            text.slice(0, end).buffer.allSatisfy({ value($0, .standard) != nil })
        else { return nil }
        return decode(text, in: arena)
    }
}
