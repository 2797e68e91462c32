import HTTP1
import Kernel

/// Text made safe for JSON, XML and C.
enum Escapes {
    /// "Not set" and EUTF8 for bytes that are no UTF-8.
    static func json(_ text: Bytes, _ context: Context) -> Bytes {
        guard text.isSet, context.mayMake(text.count) else { return .notSet }
        guard UTF8Text.isValid(text) else { return context.fail("EUTF8") }
        var writer = ArenaWriter(context.arena, room: text.count * 6)
        var at = 0
        while at < text.count, let (scalar, length) = UTF8Text.next(text, at) {
            if scalar >= 0x10000 {
                unit(0xD800 + (scalar - 0x10000) >> 10, &writer)
                unit(0xDC00 + (scalar - 0x10000) & 0x3FF, &writer)
            } else if scalar == 0x2028 || scalar == 0x2029 {
                unit(scalar, &writer)
            } else if length == 1 {
                ascii(UInt8(scalar), &writer)
            } else {
                writer.put(text.slice(at, at + length))
            }
            at += length
        }
        return writer.finish()
    }

    private static func ascii(_ byte: UInt8, _ writer: inout ArenaWriter) {
        switch byte {
        case 0x22: writer.put("\\\"")
        case 0x5C: writer.put("\\\\")
        case 0x08: writer.put("\\b")
        case 0x09: writer.put("\\t")
        case 0x0A: writer.put("\\n")
        case 0x0C: writer.put("\\f")
        case 0x0D: writer.put("\\r")
        case 0..<0x20, 0x7F: unit(UInt32(byte), &writer)
        default: writer.put(byte)
        }
    }

    /// A UTF-16 unit as `\uHHHH`.
    private static func unit(_ value: UInt32, _ writer: inout ArenaWriter) {
        writer.put("\\u")
        for shift: UInt32 in [12, 8, 4, 0] {
            writer.put(Hex.upperDigit(UInt8(truncatingIfNeeded: value >> shift & 15)))
        }
    }

    static func xml(_ text: Bytes, _ context: Context) -> Bytes {
        Text.rewrite(text, worst: 6, context) { byte, writer in
            switch byte {
            case UInt8(ascii: "<"): writer.put("&lt;")
            case UInt8(ascii: ">"): writer.put("&gt;")
            case UInt8(ascii: "&"): writer.put("&amp;")
            case UInt8(ascii: "'"): writer.put("&apos;")
            case UInt8(ascii: "\""): writer.put("&quot;")
            default: writer.put(byte)
            }
        }
    }

    static func c(_ text: Bytes, _ context: Context) -> Bytes {
        Text.rewrite(text, worst: 4, context) { byte, writer in
            switch byte {
            case 0x22: writer.put("\\\"")
            case 0x5C: writer.put("\\\\")
            case 0x08: writer.put("\\b")
            case 0x09: writer.put("\\t")
            case 0x0A: writer.put("\\n")
            case 0x0B: writer.put("\\v")
            case 0x0D: writer.put("\\r")
            case 0..<0x20, 0x7F...:
                writer.put("\\x")
                writer.put(Hex.digit(byte >> 4))
                writer.put(Hex.digit(byte & 15))
            default: writer.put(byte)
            }
        }
    }
}

/// Percent encoding (RFC 3986, section 2.1).
enum Percent {
    static func isUnreserved(_ byte: UInt8) -> Bool {
        Octets.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }

    static func encode(_ text: Bytes, _ context: Context) -> Bytes {
        Text.rewrite(text, worst: 3, context) { byte, writer in
            if isUnreserved(byte) { return writer.put(byte) }
            writer.put(0x25)
            writer.put(Hex.upperDigit(byte >> 4))
            writer.put(Hex.upperDigit(byte & 15))
        }
    }

    /// What stands behind a percent sign and is no pair of digits stays; `plus` says whether `+` is a space.
    static func decode(_ text: Bytes, plus: Bool, _ context: Context) -> Bytes {
        guard text.isSet, context.mayMake(text.count) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: text.count)
        var at = 0
        while at < text.count {
            if text[at] == 0x25, at + 2 < text.count, let high = Hex.value(text[at + 1]),
                let low = Hex.value(text[at + 2])
            {
                writer.put(high << 4 | low)
                at += 3
            } else {
                writer.put(plus && text[at] == 0x2B ? 0x20 : text[at])
                at += 1
            }
        }
        return writer.finish()
    }
}
