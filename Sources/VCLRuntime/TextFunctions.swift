import Crypto
import HTTP1
import Kernel

/// What the built-in functions do to strings.
enum Text {
    /// `substr`: a negative offset counts from the end, a negative length leaves that many bytes off.
    static func substring(_ text: Bytes, _ offset: Int64, _ length: Int64) -> Bytes {
        guard text.isSet else { return .notSet }
        let count = Int64(text.count)
        let from = offset < 0 ? count &+ offset : offset
        guard from >= 0, from <= count else { return .notSet }
        let to =
            length < 0
            ? count &+ length
            : min(count, from.addingReportingOverflow(length).overflow ? count : from + length)
        guard to >= from else { return .notSet }
        return text.slice(Int(from), Int(to))
    }

    /// The number at the beginning, as C's strtol reads it; nil when there is none or it does not fit.
    static func integer(_ text: Bytes, base: Int) -> Int64? {
        guard base == 0 || (base >= 2 && base <= 36) else { return nil }
        var at = 0
        while at < text.count, text[at] == 0x20 || text[at] &- 9 < 5 { at += 1 }
        var negative = false
        if at < text.count, text[at] == 0x2D || text[at] == 0x2B {
            negative = text[at] == 0x2D
            at += 1
        }
        var radix = Int64(base)
        let hexadecimal = at + 1 < text.count && text[at] == 0x30 && text[at + 1] | 0x20 == 0x78
        if hexadecimal, base == 0 || base == 16 {
            radix = 16
            at += 2
        } else if base == 0 {
            radix = at < text.count && text[at] == 0x30 ? 8 : 10
        }
        let first = at
        var value: Int64 = 0
        while at < text.count, let digit = digit(text[at]), digit < radix {
            let (scaled, over) = value.multipliedReportingOverflow(by: radix)
            let (sum, over2) =
                negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            guard !over, !over2 else { return nil }
            value = sum
            at += 1
        }
        return at > first ? value : nil
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        if byte &- 0x30 < 10 { return Int64(byte - 0x30) }
        let lower = byte | 0x20
        return lower &- 0x61 < 26 ? Int64(lower - 0x57) : nil
    }

    static func jsonEscaped(_ text: Bytes, in arena: Arena) -> Bytes {
        let digits = Array("0123456789abcdef".utf8)
        return rewrite(text, worst: 6, in: arena) { byte, put in
            switch byte {
            case 0x22, 0x5C:
                put(0x5C)
                put(byte)
            case 0x0A:
                put(0x5C)
                put(UInt8(ascii: "n"))
            case 0x0D:
                put(0x5C)
                put(UInt8(ascii: "r"))
            case 0x09:
                put(0x5C)
                put(UInt8(ascii: "t"))
            case 0x08:
                put(0x5C)
                put(UInt8(ascii: "b"))
            case 0x0C:
                put(0x5C)
                put(UInt8(ascii: "f"))
            case 0..<0x20, 0x7F:
                for byte in Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]] {
                    put(byte)
                }
            default: put(byte)
            }
        }
    }

    static func xmlEscaped(_ text: Bytes, in arena: Arena) -> Bytes {
        rewrite(text, worst: 6, in: arena) { byte, put in
            let entity: StaticString? =
                switch byte {
                case UInt8(ascii: "<"): "&lt;"
                case UInt8(ascii: ">"): "&gt;"
                case UInt8(ascii: "&"): "&amp;"
                case UInt8(ascii: "'"): "&#39;"
                case UInt8(ascii: "\""): "&quot;"
                default: nil
                }
            guard let entity else { return put(byte) }
            for index in 0..<entity.utf8CodeUnitCount { put(entity.utf8Start[index]) }
        }
    }

    /// Builds a new string from each byte; no byte may become more than `worst`.
    static func rewrite(_ text: Bytes, worst: Int, in arena: Arena, _ body: (UInt8, (UInt8) -> Void) -> Void)
        -> Bytes
    {
        guard text.isSet else { return .notSet }
        let room = text.count * worst
        let to = arena.allocate(room)
        var count = 0
        for byte in text.buffer {
            body(byte) {
                to[count] = $0
                count += 1
            }
        }
        arena.shrink(reserved: room, kept: count)
        return Bytes(start: to, count: count)
    }
}

enum Percent {
    private static let digits: [UInt8] = Array("0123456789ABCDEF".utf8)

    static func encode(_ text: Bytes, in arena: Arena) -> Bytes {
        Text.rewrite(text, worst: 3, in: arena) { byte, put in
            if Octets.isAlphanumeric(byte) || "-._~".utf8.contains(byte) { return put(byte) }
            put(0x25)
            put(digits[Int(byte >> 4)])
            put(digits[Int(byte & 15)])
        }
    }

    static func decode(_ text: Bytes, in arena: Arena) -> Bytes {
        guard let start = text.start else { return .notSet }
        let to = arena.allocate(text.count)
        var (at, count) = (0, 0)
        while at < text.count {
            if start[at] == 0x25, at + 2 < text.count,
                let value = UInt8(text.slice(at + 1, at + 3).string, radix: 16)
            {
                to[count] = value
                at += 3
            } else {
                to[count] = start[at] == 0x2B ? 0x20 : start[at]
                at += 1
            }
            count += 1
        }
        arena.shrink(reserved: text.count, kept: count)
        return Bytes(start: to, count: count)
    }
}

enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ text: Bytes, in arena: Arena) -> Bytes {
        guard let start = text.start else { return .notSet }
        let total = (text.count + 2) / 3 * 4
        let to = arena.allocate(total)
        var out = 0
        for at in stride(from: 0, to: text.count, by: 3) {
            let left = text.count - at
            let word =
                UInt32(start[at]) << 16 | (left > 1 ? UInt32(start[at + 1]) << 8 : 0)
                | (left > 2 ? UInt32(start[at + 2]) : 0)
            to[out] = alphabet[Int(word >> 18)]
            to[out + 1] = alphabet[Int(word >> 12 & 63)]
            to[out + 2] = left > 1 ? alphabet[Int(word >> 6 & 63)] : 0x3D
            to[out + 3] = left > 2 ? alphabet[Int(word & 63)] : 0x3D
            out += 4
        }
        return Bytes(start: to, count: total)
    }

    /// Both alphabets are read; reading ends at the first character of neither.
    static func decode(_ text: Bytes, in arena: Arena) -> Bytes {
        guard text.isSet else { return .notSet }
        let to = arena.allocate(text.count)
        var (word, bits, count): (UInt32, Int, Int) = (0, 0, 0)
        for byte in text.buffer {
            let plain =
                byte == UInt8(ascii: "-")
                ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
            guard let value = alphabet.firstIndex(of: plain) else { break }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                to[count] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
                count += 1
            }
        }
        arena.shrink(reserved: text.count, kept: count)
        return Bytes(start: to, count: count)
    }
}

enum Digest {
    static func sha256(_ text: Bytes, _ arena: Arena) -> Bytes { hex(SHA256.hash(data: text.raw), in: arena) }
    static func sha1(_ text: Bytes, _ arena: Arena) -> Bytes {
        hex(Insecure.SHA1.hash(data: text.raw), in: arena)
    }
    static func md5(_ text: Bytes, _ arena: Arena) -> Bytes {
        hex(Insecure.MD5.hash(data: text.raw), in: arena)
    }

    static func hmacSHA256(key: Bytes, _ text: Bytes, in arena: Arena) -> Bytes {
        hex(HMAC<SHA256>.authenticationCode(for: text.raw, using: SymmetricKey(data: key.raw)), in: arena)
    }

    static func constantTimeEqual(_ a: Bytes, _ b: Bytes) -> Bool {
        guard a.isSet, b.isSet, a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<a.count { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    private static func hex(_ bytes: some Sequence<UInt8>, in arena: Arena) -> Bytes {
        arena.copy(bytes.hexadecimal)
    }
}

enum QueryString {
    static func name(_ part: Bytes) -> Bytes {
        part.firstIndex(of: UInt8(ascii: "=")).map { part.slice(0, $0) } ?? part
    }

    static func get(_ url: Bytes, _ wanted: Bytes) -> Bytes {
        for part in parts(url) where name(part) == wanted {
            return name(part).count < part.count ? part.slice(name(part).count + 1, part.count) : .empty
        }
        return .notSet
    }

    static func sorted(_ url: Bytes, in arena: Arena) -> Bytes {
        assemble(url, parts(url).sorted { $0.buffer.lexicographicallyPrecedes($1.buffer) }, in: arena)
    }

    static func filtered(_ url: Bytes, in arena: Arena, _ keep: (Bytes) -> Bool) -> Bytes {
        assemble(url, parts(url).filter(keep), in: arena)
    }

    private static func parts(_ url: Bytes) -> [Bytes] {
        guard let mark = url.firstIndex(of: UInt8(ascii: "?")) else { return [] }
        var found: [Bytes] = []
        var from = mark + 1
        while from <= url.count {
            let to = url.firstIndex(of: UInt8(ascii: "&"), from: from) ?? url.count
            found.append(url.slice(from, to))
            from = to + 1
        }
        return found
    }

    private static func assemble(_ url: Bytes, _ parts: [Bytes], in arena: Arena) -> Bytes {
        guard !parts.isEmpty else { return Target.path(url) }
        var pieces: [Bytes] = [Target.path(url)]
        for (index, part) in parts.enumerated() { pieces += [index == 0 ? Bytes("?") : Bytes("&"), part] }
        return arena.concatenate(pieces)
    }
}

enum Substitution {
    /// `regsub` and `regsuball`; `\1` to `\9` and `\0` stand for groups. Leaves `re.group.N` alone.
    static func run(_ text: Bytes, _ regex: Regex, _ replacement: Bytes, all: Bool, _ context: Context)
        -> Bytes
    {
        guard text.isSet else { return .notSet }
        var pieces: [Bytes] = []
        var from = 0
        while from <= text.count, regex.match(text, from: from, context.scratch),
            let (lower, upper) = context.scratch.range(0)
        {
            pieces.append(text.slice(min(from, lower), lower))
            expand(replacement, text, context.scratch, into: &pieces)
            if upper == lower {
                if lower < text.count { pieces.append(text.slice(lower, lower + 1)) }
                from = lower + 1
            } else {
                from = upper
            }
            if !all { break }
        }
        guard !pieces.isEmpty else { return text }
        if from < text.count { pieces.append(text.slice(from, text.count)) }
        return context.arena.concatenate(pieces)
    }

    private static func expand(
        _ replacement: Bytes, _ text: Bytes, _ scratch: RegexScratch, into pieces: inout [Bytes]
    ) {
        var from = 0
        while let slash = replacement.firstIndex(of: 0x5C, from: from), slash + 1 < replacement.count {
            pieces.append(replacement.slice(from, slash))
            let next = replacement[slash + 1]
            if next &- 0x30 < 10 {
                if let (lower, upper) = scratch.range(Int(next - 0x30)) {
                    pieces.append(text.slice(lower, upper))
                }
            } else {
                pieces.append(replacement.slice(slash + (next == 0x5C ? 1 : 0), slash + 2))
            }
            from = slash + 2
        }
        pieces.append(replacement.slice(min(from, replacement.count), replacement.count))
    }
}
