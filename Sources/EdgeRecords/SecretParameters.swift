package import Kernel

/// Parameters of a query whose values no log may hold: whoever has them can act for somebody.
package enum SecretParameters {
    /// In lower case, `-` and `_` left out.
    package static let names: Set<String> = [
        "accesstoken", "apikey", "auth", "authorization", "clientsecret", "code", "hmac", "idtoken", "jwt",
        "key",
        "otp", "pass", "passwd", "password", "pin", "pwd", "refreshtoken", "secret", "session", "sessionid",
        "sid",
        "sig", "signature", "ticket", "token",
        // Cloud storage's signed addresses.
        "xamzcredential", "xamzsecuritytoken", "xamzsignature", "xgoogcredential", "xgoogsignature",
    ]

    /// `target` with `***` for the values of those parameters, in whatever letters, `%` encodings included, their names
    /// are written. What has no query is itself.
    package static func masked(_ target: Bytes, into out: inout LineWriter) {
        guard let question = target.firstIndex(of: UInt8(ascii: "?")) else { return out.put(target) }
        out.put(target.slice(0, question + 1))
        var at = question + 1
        while at < target.count {
            let end = parameterEnd(target, from: at)
            let equals = target.slice(at, end).firstIndex(of: UInt8(ascii: "="))
            if let equals, isSecret(target.slice(at, at + equals)) {
                out.put(target.slice(at, at + equals + 1))
                out.put("***" as StaticString)
            } else {
                out.put(target.slice(at, end))
            }
            if end < target.count { out.put(byte: target[end]) }
            at = end + 1
        }
    }

    private static func parameterEnd(_ target: Bytes, from: Int) -> Int {
        var at = from
        while at < target.count, target[at] != UInt8(ascii: "&"), target[at] != UInt8(ascii: ";"),
            target[at] != UInt8(ascii: "#")
        { at += 1 }
        return at
    }

    private static let longest = 64

    static func isSecret(_ name: Bytes) -> Bool {
        guard !name.isEmpty, name.count <= longest * 3 else { return false }
        var letters: [UInt8] = []
        var at = 0
        while at < name.count {
            var byte = name[at]
            if byte == UInt8(ascii: "%"), at + 2 < name.count,
                let code = UInt8(name.slice(at + 1, at + 3).string, radix: 16)
            {
                byte = code
                at += 2
            }
            at += 1
            if byte != UInt8(ascii: "-"), byte != UInt8(ascii: "_") { letters.append(lowercased(byte)) }
        }
        return names.contains(String(decoding: letters, as: UTF8.self))
    }
}
