import HTTP1
import Kernel
import VCL

/// The built-in functions, a row each. Names, arguments and results: Fastly's VCL reference, functions.
package enum Functions {
    package static let byName: [String: Function] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static let all: [Function] =
        strings + patterns + tables + headers + numbers + times + encodings + digests + queries

    private static let strings: [Function] = [
        Function("std.tolower", [.string], .string) { map($0.string(0)) { lowercased($0) } },
        Function("std.toupper", [.string], .string) {
            map($0.string(0)) { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
        },
        Function("std.strlen", [.string], .integer) { arguments in
            let text = arguments.string(0)
            return .integer { Int64(text($0).count) }
        },
        Function("std.strstr", [.string, .string], .string) { arguments in
            let (text, needle) = (arguments.string(0), arguments.string(1))
            return .string { context in
                let whole = text(context)
                return whole.firstIndex(of: needle(context)).map { whole.slice($0, whole.count) } ?? .notSet
            }
        },
        Function("std.prefixof", [.string, .string], .bool) { arguments in
            let (text, prefix) = (arguments.string(0), arguments.string(1))
            return .bool { text($0).hasPrefix(prefix($0)) }
        },
        Function("std.suffixof", [.string, .string], .bool) { arguments in
            let (text, suffix) = (arguments.string(0), arguments.string(1))
            return .bool { text($0).hasSuffix(suffix($0)) }
        },
        Function("std.basename", [.string], .string) { view($0.string(0)) { Target.basename($0) } },
        Function("std.dirname", [.string], .string) { view($0.string(0)) { Target.dirname($0) } },
        Function("substr", [.string, .integer, .integer], .string, required: 2) { arguments in
            let (text, offset) = (arguments.string(0), arguments.integer(1))
            let length = arguments.integer(2, default: .max)
            return .string { Text.substring(text($0), offset($0), length($0)) }
        },
        Function("if", [.bool, .string, .string], .string) { arguments in
            let (test, yes, no) = (arguments.bool(0), arguments.string(1), arguments.string(2))
            return .string { test($0) ? yes($0) : no($0) }
        },
        Function("json.escape", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Text.jsonEscaped(text($0), in: $0.arena) }
        },
        Function("xml_escape", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Text.xmlEscaped(text($0), in: $0.arena) }
        },
    ]

    private static func map(_ text: @escaping StringCode, _ change: @escaping @Sendable (UInt8) -> UInt8)
        -> Code
    {
        .string { context in
            let value = text(context)
            guard let start = value.start else { return value }
            let to = context.arena.allocate(value.count)
            for index in 0..<value.count { to[index] = change(start[index]) }
            return Bytes(start: to, count: value.count)
        }
    }

    private static func view(_ text: @escaping StringCode, _ part: @escaping @Sendable (Bytes) -> Bytes)
        -> Code
    {
        .string { part(text($0)) }
    }

    private static let patterns: [Function] = [
        Function("regsub", [.string, .regex, .string], .string) { arguments in
            let (text, regex, replacement) = (arguments.string(0), arguments.regex(1), arguments.string(2))
            return .string { Substitution.run(text($0), regex, replacement($0), all: false, $0) }
        },
        Function("regsuball", [.string, .regex, .string], .string) { arguments in
            let (text, regex, replacement) = (arguments.string(0), arguments.regex(1), arguments.string(2))
            return .string { Substitution.run(text($0), regex, replacement($0), all: true, $0) }
        },
    ]

    private static let tables: [Function] = [
        Function("table.lookup", [.table, .string, .string], .string, required: 2) { arguments in
            let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.string(2))
            return .string { context in
                let found = context.snapshot.table(table).lookup(key(context))
                return found.isSet ? found : fallback(context)
            }
        },
        Function("table.contains", [.table, .string], .bool) { arguments in
            let (table, key) = (arguments.table(0), arguments.string(1))
            return .bool { $0.snapshot.table(table).lookup(key($0)).isSet }
        },
    ]

    private static let headers: [Function] = [
        Function("subfield", [.string, .string, .string], .string, required: 2) { arguments in
            let (header, key) = (arguments.string(0), arguments.string(1))
            let comma: StringCode = { _ in Bytes(",") }
            let separator = arguments.count > 2 ? arguments.string(2) : comma
            return .string {
                Subfields.get(header($0), key($0), separator: separator($0).buffer.first ?? 0x2C)
            }
        },
        Function("header.get", [.id, .string], .string) { arguments in
            guard let place = HeaderReference.Place(rawValue: arguments.id(0)) else {
                return .string { _ in .notSet }
            }
            let name = arguments.string(1)
            return .string { place.read($0, HeaderName(name($0))) }
        },
        Function("header.set", [.id, .string, .string], .void) { arguments in
            guard let place = HeaderReference.Place(rawValue: arguments.id(0)) else {
                return .void { _ in .next }
            }
            let (name, value) = (arguments.string(1), arguments.string(2))
            return .void { context in
                let key = HeaderName(name(context))
                let text = HeaderReference.clean(value(context), in: context.arena)
                guard !key.bytes.isEmpty, key.bytes.buffer.allSatisfy({ Octets.isToken($0) }) else {
                    return .next
                }
                place.modify(context) { $0.set(key, text.isSet ? text : .empty) }
                return .next
            }
        },
        Function("header.unset", [.id, .string], .void) { arguments in
            guard let place = HeaderReference.Place(rawValue: arguments.id(0)) else {
                return .void { _ in .next }
            }
            let name = arguments.string(1)
            return .void { context in
                let key = HeaderName(name(context))
                place.modify(context) { $0.remove(key) }
                return .next
            }
        },
        Function("std.collect", [.id, .string], .void, required: 1) { arguments in
            guard let header = HeaderReference(arguments.id(0)) else { return .void { _ in .next } }
            let place = header.place
            let pool = LiteralPool()
            let name = HeaderName(pool.store(header.name))
            let comma: StringCode = { _ in Bytes(", ") }
            let separator = arguments.count > 1 ? arguments.string(1) : comma
            return .void { context in
                withExtendedLifetime(pool) {
                    place.modify(context) { list in
                        let joined = list.joined(name, separator: separator(context), in: context.arena)
                        if joined.isSet { list.set(name, joined) }
                    }
                }
                return .next
            }
        },
    ]

    private static let numbers: [Function] = [
        Function("std.atoi", [.string], .integer) { arguments in
            let text = arguments.string(0)
            return .integer { Text.integer(text($0), base: 10) ?? 0 }
        },
        Function("std.strtol", [.string, .integer], .integer) { arguments in
            let (text, base) = (arguments.string(0), arguments.integer(1))
            return .integer { context in
                if let value = Text.integer(text(context), base: Int(base(context))) { return value }
                context.lastError = Bytes("EPARSENUM")
                return 0
            }
        },
        Function("std.itoa", [.integer], .string) { arguments in
            let value = arguments.integer(0)
            return .string { Format.integer(value($0), in: $0.arena) }
        },
        Function("std.ip", [.string, .string], .ip) { arguments in
            let (text, fallback) = (arguments.string(0), arguments.string(1))
            return .ip { IPAddress(text($0).string) ?? IPAddress(fallback($0).string) ?? .unspecified }
        },
        Function("randomint", [.integer, .integer], .integer) { arguments in
            let (low, high) = (arguments.integer(0), arguments.integer(1))
            return .integer { context in
                let (from, to) = (low(context), high(context))
                return from <= to ? Int64.random(in: from...to, using: &context.random) : from
            }
        },
        Function("randombool", [.integer, .integer], .bool) { arguments in
            let (numerator, denominator) = (arguments.integer(0), arguments.integer(1))
            return .bool { context in
                let of = denominator(context)
                return of > 0 && Int64.random(in: 0..<of, using: &context.random) < numerator(context)
            }
        },
    ]

    private static let times: [Function] = [
        Function("time.add", [.time, .rtime], .time) { arguments in
            let (time, offset) = (arguments.integer(0), arguments.integer(1))
            return .time { time($0) &+ offset($0) }
        },
        Function("time.sub", [.time, .rtime], .time) { arguments in
            let (time, offset) = (arguments.integer(0), arguments.integer(1))
            return .time { time($0) &- offset($0) }
        },
        Function("time.is_after", [.time, .time], .bool) { arguments in
            let (a, b) = (arguments.integer(0), arguments.integer(1))
            return .bool { a($0) > b($0) }
        },
        Function("std.time", [.string, .time], .time) { arguments in
            let (text, fallback) = (arguments.string(0), arguments.integer(1))
            return .time { context in
                HTTPDate.parse(text(context)).map { $0 * 1_000_000_000 } ?? fallback(context)
            }
        },
        Function("std.integer2time", [.integer], .time) { arguments in
            let seconds = arguments.integer(0)
            return .time { seconds($0) &* 1_000_000_000 }
        },
    ]

    private static let encodings: [Function] = [
        Function("urlencode", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Percent.encode(text($0), in: $0.arena) }
        },
        Function("urldecode", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Percent.decode(text($0), in: $0.arena) }
        },
        Function("digest.base64", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Base64.encode(text($0), in: $0.arena) }
        },
        Function("digest.base64_decode", [.string], .string) { arguments in
            let text = arguments.string(0)
            return .string { Base64.decode(text($0), in: $0.arena) }
        },
    ]

    private static let digests: [Function] = [
        Function("digest.hash_sha256", [.string], .string) { digest($0.string(0), Digest.sha256) },
        Function("digest.hash_sha1", [.string], .string) { digest($0.string(0), Digest.sha1) },
        Function("digest.hash_md5", [.string], .string) { digest($0.string(0), Digest.md5) },
        Function("digest.hmac_sha256", [.string, .string], .string) { arguments in
            let (key, text) = (arguments.string(0), arguments.string(1))
            return .string { context in
                let hex = Digest.hmacSHA256(key: key(context), text(context), in: context.arena)
                return context.arena.concatenate(Bytes("0x"), hex)
            }
        },
        Function("digest.secure_is_equal", [.string, .string], .bool) { arguments in
            let (a, b) = (arguments.string(0), arguments.string(1))
            return .bool { Digest.constantTimeEqual(a($0), b($0)) }
        },
    ]

    private static func digest(
        _ text: @escaping StringCode, _ hash: @escaping @Sendable (Bytes, Arena) -> Bytes
    ) -> Code {
        .string { hash(text($0), $0.arena) }
    }

    private static let queries: [Function] = [
        Function("querystring.get", [.string, .string], .string) { arguments in
            let (url, name) = (arguments.string(0), arguments.string(1))
            return .string { QueryString.get(url($0), name($0)) }
        },
        Function("querystring.remove", [.string], .string) { view($0.string(0)) { Target.path($0) } },
        Function("querystring.sort", [.string], .string) { sorted($0) },
        Function("boltsort.sort", [.string], .string) { sorted($0) },
        Function("querystring.clean", [.string], .string) { arguments in
            let url = arguments.string(0)
            return .string { QueryString.filtered(url($0), in: $0.arena) { $0.count > 0 } }
        },
        Function("querystring.regfilter", [.string, .regex], .string) { arguments in
            let (url, regex) = (arguments.string(0), arguments.regex(1))
            return .string { context in
                QueryString.filtered(url(context), in: context.arena) {
                    !regex.match(QueryString.name($0), context.scratch)
                }
            }
        },
        Function("querystring.regfilter_except", [.string, .regex], .string) { arguments in
            let (url, regex) = (arguments.string(0), arguments.regex(1))
            return .string { context in
                QueryString.filtered(url(context), in: context.arena) {
                    regex.match(QueryString.name($0), context.scratch)
                }
            }
        },
    ]

    private static func sorted(_ arguments: Arguments) -> Code {
        let url = arguments.string(0)
        return .string { QueryString.sorted(url($0), in: $0.arena) }
    }
}
