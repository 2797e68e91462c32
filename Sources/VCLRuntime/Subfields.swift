import HTTP1
import Kernel

/// The fields inside one header: `name=value` pairs between semicolons (Cookie) or commas (the rest). Outside cookies a
/// value may stand in quotes, and separators inside quotes are text.
enum Subfields {
    static func separator(of name: HeaderName) -> UInt8 {
        let cookie = name.bytes.equalsIgnoringCase("Cookie") || name.bytes.equalsIgnoringCase("Set-Cookie")
        return cookie ? UInt8(ascii: ";") : UInt8(ascii: ",")
    }

    /// The value of the first field `key`, without its quotes; a field without a value is empty; "not set" when there is
    /// none. With an arena, escaped quotes inside a quoted value are resolved.
    static func get(_ header: Bytes, _ key: Bytes, separator: UInt8, in arena: Arena? = nil) -> Bytes {
        var found = Bytes.notSet
        forEachField(header, separator) { part in
            guard !found.isSet else { return }
            let (name, value) = split(part)
            if name.equalsIgnoringCase(key) { found = value.isSet ? unquoted(value, in: arena) : .empty }
        }
        return found
    }

    /// The header without its first field `key` and, unless the value is not set, with a new one at its end. An empty
    /// value leaves the name alone, as in Vary.
    static func set(_ header: Bytes, _ key: Bytes, _ value: Bytes, separator: UInt8, in arena: Arena) -> Bytes
    {
        let isCookie = separator == UInt8(ascii: ";")
        let between = isCookie ? Bytes("; ") : Bytes(",")
        var parts: [Bytes] = []
        var isRemoved = false
        func append(_ pieces: [Bytes]) {
            if !parts.isEmpty { parts.append(between) }
            parts += pieces
        }
        forEachField(header, separator) { part in
            if !isRemoved, split(part).name.equalsIgnoringCase(key) {
                isRemoved = true
            } else {
                append([part])
            }
        }
        if value.isSet, value.isEmpty {
            append([key])
        } else if value.isSet {
            append([key, Bytes("="), isCookie ? value : quoted(value, in: arena)])
        }
        return arena.concatenate(parts)
    }

    private static func forEachField(_ header: Bytes, _ separator: UInt8, _ body: (Bytes) -> Void) {
        guard separator != UInt8(ascii: ";") else { return header.forEachPart(separator: separator, body) }
        var (from, isQuoted, at) = (0, false, 0)
        while at <= header.count {
            let byte = at < header.count ? header[at] : separator
            if byte == 0x5C, isQuoted {
                at += 1
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted || at == header.count {
                let part = header.slice(from, at).trimmed
                if part.count > 0 { body(part) }
                from = at + 1
            }
            at += 1
        }
        // A quote that nobody closed reaches to the end.
        if isQuoted, from < header.count { body(header.slice(from, header.count).trimmed) }
    }

    private static func split(_ part: Bytes) -> (name: Bytes, value: Bytes) {
        guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return (part, .notSet) }
        return (part.slice(0, equals).trimmed, part.slice(equals + 1, part.count).trimmed)
    }

    private static func unquoted(_ value: Bytes, in arena: Arena?) -> Bytes {
        guard value.count >= 2, value[0] == 0x22, value[value.count - 1] == 0x22 else { return value }
        let inner = value.slice(1, value.count - 1)
        guard let arena, inner.firstIndex(of: 0x5C) != nil else { return inner }
        let to = arena.allocate(inner.count)
        var (count, at) = (0, 0)
        while at < inner.count {
            if inner[at] == 0x5C, at + 1 < inner.count, inner[at + 1] == 0x22 { at += 1 }
            to[count] = inner[at]
            count += 1
            at += 1
        }
        arena.shrink(reserved: inner.count, kept: count)
        return Bytes(start: to, count: count)
    }

    private static let needsQuotes = Bytes(" \t=@()[]{}?/\\;:'<>,\"")

    private static func quoted(_ value: Bytes, in arena: Arena) -> Bytes {
        guard value.buffer.contains(where: { needsQuotes.firstIndex(of: $0) != nil }) else { return value }
        let room = value.count * 2 + 2
        let to = arena.allocate(room)
        to[0] = 0x22
        var count = 1
        for byte in value.buffer {
            if byte == 0x22 {
                to[count] = 0x5C
                count += 1
            }
            to[count] = byte
            count += 1
        }
        to[count] = 0x22
        arena.shrink(reserved: room, kept: count + 1)
        return Bytes(start: to, count: count + 1)
    }
}
