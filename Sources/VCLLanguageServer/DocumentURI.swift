/// The URIs of files (RFC 8089), as clients write them, and the paths that they stand for.
enum DocumentURI {
    /// The path of a `file:` URI; the whole URI for any other scheme, such as `untitled:`.
    static func path(_ uri: String) -> String {
        guard uri.hasPrefix("file://") else { return uri }
        let rest = uri.dropFirst("file://".count)
        // A host may stand before the path; it is this one.
        let path = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        return decoded(path)
    }

    static func uri(_ path: String) -> String { path.hasPrefix("/") ? "file://" + encoded(path) : path }

    private static func decoded(_ text: Substring) -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                out.append(value)
                at += 3
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func encoded(_ path: String) -> String {
        var out = ""
        for byte in path.utf8 {
            let letter = byte | 0x20
            let plain =
                (letter >= 0x61 && letter <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
                || "/-._~".utf8.contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            out += plain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }
        return out
    }
}
