import HTTP1
import Kernel
import VCL

/// A header of one of the five messages, as written in a program: `req.http.Cookie:session`.
struct HeaderReference {
    enum Place: String, Sendable, CaseIterable {
        case req, bereq, beresp, obj, resp

        var readScopes: Scopes {
            switch self {
            case .req: .all
            case .bereq: Scopes(.miss, .pass, .fetch)
            case .beresp: Scopes(.fetch)
            case .obj: Scopes(.hit, .error)
            case .resp: Scopes(.deliver, .log)
            }
        }

        var writeScopes: Scopes { readScopes }

        @inline(__always) func read(_ context: Context, _ name: HeaderName) -> Bytes {
            switch self {
            case .req: context.req.headers[name]
            case .bereq: context.bereq.headers[name]
            case .beresp: context.beresp.headers[name]
            case .obj: context.obj.headers[name]
            case .resp: context.resp.headers[name]
            }
        }

        @inline(__always) func modify(_ context: Context, _ body: (inout HeaderList) -> Void) {
            switch self {
            case .req: body(&context.req.headers)
            case .bereq: body(&context.bereq.headers)
            case .beresp: body(&context.beresp.headers)
            case .obj: body(&context.obj.headers)
            case .resp: body(&context.resp.headers)
            }
        }
    }

    let place: Place
    let name: String
    let subfield: String?
    /// `unset req.http.X-*` removes every header with this beginning.
    let wildcard: Bool

    init?(_ word: String, wildcard: Bool = false) {
        let parts = word.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "http", let place = Place(rawValue: String(parts[0])),
            !parts[2].isEmpty
        else { return nil }
        self.place = place
        let names = parts[2].split(separator: ":", maxSplits: 1)
        self.wildcard = wildcard && names[0].hasSuffix("*")
        name = String(self.wildcard ? names[0].dropLast() : names[0])
        subfield = names.count == 2 ? String(names[1]) : nil
    }

    private static let protected: Set<String> = [
        "connection", "transfer-encoding", "content-length", "keep-alive", "trailer", "te",
    ]

    /// The framing of a message is the server's own affair: a program that could change it could smuggle.
    var isProtected: Bool { HeaderReference.protected.contains(name.lowercased()) }

    func reader(_ pool: LiteralPool) -> StringCode {
        let name = HeaderName(pool.store(name))
        let place = place
        guard let subfield else { return { place.read($0, name) } }
        let key = pool.store(subfield)
        return { Subfields.get(place.read($0, name), key, separator: Subfields.separator(of: name)) }
    }

    func writer(_ pool: LiteralPool) -> @Sendable (Context, Bytes) -> Void {
        let name = HeaderName(pool.store(name))
        let place = place
        guard let subfield else {
            return { context, value in
                let cleaned = HeaderReference.clean(value, in: context.arena)
                // A header set to a value that is not set is set to nothing, which differs from unset.
                place.modify(context) { $0.set(name, cleaned.isSet ? cleaned : .empty) }
            }
        }
        let key = pool.store(subfield)
        return { context, value in
            let cleaned = HeaderReference.clean(value, in: context.arena)
            let separator = Subfields.separator(of: name)
            let new = Subfields.set(
                place.read(context, name), key, cleaned, separator: separator, in: context.arena)
            place.modify(context) { $0.set(name, new) }
        }
    }

    func eraser(_ pool: LiteralPool) -> @Sendable (Context) -> Void {
        let name = HeaderName(pool.store(name))
        let place = place
        if wildcard {
            return { context in
                place.modify(context) { list in
                    list.removeAll { field in
                        field.name.count >= name.bytes.count
                            && field.name.slice(0, name.bytes.count).equalsIgnoringCase(name.bytes)
                    }
                }
            }
        }
        guard let subfield else { return { place.modify($0) { $0.remove(name) } } }
        let key = pool.store(subfield)
        return { context in
            guard place.read(context, name).isSet else { return }
            let separator = Subfields.separator(of: name)
            let new = Subfields.set(
                place.read(context, name), key, .notSet, separator: separator, in: context.arena)
            place.modify(context) { list in if new.isEmpty { list.remove(name) } else { list.set(name, new) }
            }
        }
    }

    /// A value up to its first line break or NUL: nothing that a visitor sends may add a line to a message.
    static func clean(_ value: Bytes, in arena: Arena) -> Bytes {
        guard let start = value.start else { return value }
        for index in 0..<value.count where start[index] == 0x0A || start[index] == 0x0D || start[index] == 0 {
            return value.slice(0, index)
        }
        return value
    }
}

/// The fields inside one header: `name=value` pairs between semicolons (Cookie) or commas (the rest).
enum Subfields {
    static func separator(of name: HeaderName) -> UInt8 {
        let cookie = name.bytes.equalsIgnoringCase("Cookie") || name.bytes.equalsIgnoringCase("Set-Cookie")
        return cookie ? UInt8(ascii: ";") : UInt8(ascii: ",")
    }

    /// The value of field `key` without its quotes; a field without a value is empty; "not set" when there is none.
    static func get(_ header: Bytes, _ key: Bytes, separator: UInt8) -> Bytes {
        var found = Bytes.notSet
        header.forEachPart(separator: separator) { part in
            guard !found.isSet else { return }
            let (name, value) = split(part)
            if name.equalsIgnoringCase(key) { found = value.isSet ? unquoted(value) : .empty }
        }
        return found
    }

    /// The header with field `key` replaced, added, or (value not set) removed.
    static func set(_ header: Bytes, _ key: Bytes, _ value: Bytes, separator: UInt8, in arena: Arena) -> Bytes
    {
        let between = separator == UInt8(ascii: ";") ? Bytes("; ") : Bytes(", ")
        var parts: [Bytes] = []
        var done = false
        func append(_ piece: Bytes) {
            if !parts.isEmpty { parts.append(between) }
            parts.append(piece)
        }
        header.forEachPart(separator: separator) { part in
            guard split(part).name.equalsIgnoringCase(key) else { return append(part) }
            if value.isSet, !done { append(arena.concatenate([key, Bytes("="), value])) }
            done = true
        }
        if !done, value.isSet { append(arena.concatenate([key, Bytes("="), value])) }
        return arena.concatenate(parts)
    }

    private static func split(_ part: Bytes) -> (name: Bytes, value: Bytes) {
        guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return (part, .notSet) }
        return (part.slice(0, equals).trimmed, part.slice(equals + 1, part.count).trimmed)
    }

    private static func unquoted(_ value: Bytes) -> Bytes {
        guard value.count >= 2, value[0] == 0x22, value[value.count - 1] == 0x22 else { return value }
        return value.slice(1, value.count - 1)
    }
}
