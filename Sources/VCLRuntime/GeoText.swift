/// Names of places in the encodings that the variables offer.
enum GeoText {
    /// The letters that U+00C0 to U+017F have without their marks; a blank where more than one letter is needed.
    private static let base: [UInt8] = Array(
        ("aaaaaa ceeeeiiiidnoooooxouuuuy  aaaaaa ceeeeiiiidnooooo/ouuuuy y"
            + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkkkllllllllllnnnnnnnnnoooooo  rrrrrr"
            + "ssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs").utf8)
    private static let pairs: [UInt32: String] = [
        0xC6: "ae", 0xE6: "ae", 0xDE: "th", 0xFE: "th", 0xDF: "ss", 0x132: "ij", 0x133: "ij", 0x152: "oe",
        0x153: "oe",
    ]

    /// Lower case without marks; a question mark for what has no such letter.
    static func ascii(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars { out += ascii(scalar) }
        return out
    }

    private static func ascii(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case ..<0x80: return String(scalar).lowercased()
        case 0x300..<0x370: return ""
        case 0xC0..<0x180:
            if let pair = pairs[scalar.value] { return pair }
            return String(Unicode.Scalar(base[Int(scalar.value) - 0xC0]))
        case 0x2018, 0x2019: return "'"
        default: return "?"
        }
    }

    /// ISO 8859-1; what it lacks loses its marks.
    static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            scalar.value < 0x100 ? [UInt8(scalar.value)] : Array(ascii(scalar).utf8)
        }
    }
}
