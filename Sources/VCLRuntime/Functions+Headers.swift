import HTTP1
import Kernel
import VCL

extension Functions {
    static let headers: [Function] = [
        Function(
            "header.get", [.message(writes: false), .string], .string,
            "The first header of this name in a message; not set when there is none."
        ) {
            let (place, name) = ($0.place(0), $0.string(1))
            return .string { place.read($0, HeaderName(name($0))) }
        },
        Function(
            "header.set", [.message(writes: true), .string, .string], .void,
            """
            Gives a message exactly one header of this name. A name that is none, or is the server's own, \
            does nothing.
            """
        ) {
            let (place, name, value) = ($0.place(0), $0.string(1), $0.string(2))
            return $0.step { context in
                let key = name(context)
                let text = HeaderReference.clean(value(context), in: context.arena)
                guard HeaderReference.isName(key), !HeaderReference.isProtected(key, in: place) else {
                    return
                }
                place.modify(context) { $0.set(HeaderName(key), text.isSet ? text : .empty) }
            }
        },
        Function(
            "header.unset", [.message(writes: true), .string], .void,
            "Removes all headers of this name from a message, except the server's own."
        ) {
            let (place, name) = ($0.place(0), $0.string(1))
            return $0.step { remove([Piece(name)], from: place, $0) }
        },
        Function(
            "header.filter", [.message(writes: true), .list], .void,
            "Removes the headers of these names from a message, except the server's own.", unless: badName
        ) {
            let (place, names) = ($0.place(0), $0.strings(from: 1))
            return $0.step { remove(names, from: place, $0) }
        },
        Function(
            "header.filter_except", [.message(writes: true), .list], .void,
            "Removes all headers from a message but those of these names and the server's own.",
            unless: badName
        ) {
            let (place, names) = ($0.place(0), $0.strings(from: 1))
            return $0.step { context in
                let kept = names.map { $0(context) }
                place.modify(context) { list in
                    list.removeAll { field in
                        !HeaderReference.isProtected(field.name, in: place)
                            && !kept.contains { field.name.equalsIgnoringCase($0) }
                    }
                }
            }
        },
        Function(
            "std.collect", [.header, .string], .void, required: 1,
            """
            Joins all headers of one name into the first, with the second argument (a comma and a space) \
            between.
            """
        ) { arguments in
            guard let header = HeaderReference(arguments.word(0)) else { return arguments.step { _ in } }
            let pool = LiteralPool()
            let (place, name) = (header.place, HeaderName(pool.store(header.name)))
            let comma: StringCode = { _ in Bytes(", ") }
            let separator = arguments.count > 1 ? arguments.string(1) : comma
            return arguments.step { context in
                let between = separator(context)
                withExtendedLifetime(pool) {
                    place.modify(context) { list in
                        let joined = list.joined(name, separator: between, in: context.arena)
                        // The list keeps the name that it has, so that nothing outlives the pool.
                        if joined.isSet { list.set(name, joined) }
                    }
                }
            }
        },
        Function(
            "std.count", [.collection], .integer,
            "How many header lines a message has, as in std.count(req.headers)."
        ) {
            let place = $0.place(0)
            return .integer { Int64(place.count($0)) }
        },
        Function(
            "subfield", [.string, .string, .string], .string, required: 2,
            "The value of one name=value pair of a header's text, between commas or the character given."
        ) { arguments in
            let (header, key) = (arguments.string(0), arguments.string(1))
            let comma: StringCode = { _ in Bytes(",") }
            let separator = arguments.count > 2 ? arguments.string(2) : comma
            return .string {
                Subfields.get(header($0), key($0), separator: separator($0).buffer.first ?? 0x2C)
            }
        },
        Function(
            "http_status_matches", [.integer, .string], .bool,
            """
            Whether the status is one of a list such as \"200,304\"; with ! before the list, whether it is \
            none of it.
            """
        ) {
            let (status, list) = ($0.integer(0), $0.string(1))
            return .bool { context in
                let (value, text) = (status(context), list(context))
                let inverted = text.hasPrefix("!")
                var found = false
                text.slice(inverted ? 1 : 0, text.count).forEachPart(separator: 0x2C) {
                    if $0.decimal == value { found = true }
                }
                return found != inverted
            }
        },
    ]

    private static func remove(_ names: [Piece], from place: HeaderReference.Place, _ context: Context) {
        for name in names {
            let key = name(context)
            guard key.count > 0, !HeaderReference.isProtected(key, in: place) else { continue }
            place.modify(context) { $0.remove(HeaderName(key)) }
        }
    }

    /// Names that are written out must be names.
    private static let badName: @Sendable (Arguments) -> String? = { arguments in
        for index in 1..<max(1, arguments.count) {
            guard let name = arguments.literal(index) else { continue }
            if !name.withBytes({ HeaderReference.isName($0) }) { return "\"\(name)\" is no header's name" }
        }
        return nil
    }

    static let cookies: [Function] = [
        Function(
            "setcookie.get_value_by_name", [.response, .string], .string,
            """
            The value of a cookie that a response sets, of the last one when several have this name; else \
            not set.
            """
        ) {
            let (place, name) = ($0.place(0), $0.string(1))
            return .string { context in
                let wanted = name(context)
                guard wanted.count > 0 else { return .notSet }
                var found = Bytes.notSet
                place.forEachSetCookie(context) { cookie, value in if cookie == wanted { found = value } }
                return found
            }
        },
        Function(
            "setcookie.delete_by_name", [.response, .string], .bool,
            "Removes every Set-Cookie of this name from a response and tells whether there was one."
        ) {
            let (place, name) = ($0.place(0), $0.string(1))
            return .bool { context in
                let wanted = name(context)
                guard wanted.count > 0 else { return false }
                var found = false
                place.modify(context) { list in
                    list.removeAll { field in
                        guard field.name.equalsIgnoringCase("Set-Cookie"),
                            HeaderReference.cookie(field.value).name == wanted
                        else { return false }
                        found = true
                        return true
                    }
                }
                return found
            }
        },
    ]
}

extension HeaderReference {
    static func isName(_ name: Bytes) -> Bool {
        name.count > 0 && name.buffer.allSatisfy { Octets.isToken($0) }
    }

    /// Name and value of a Set-Cookie line (RFC 6265, section 5.2).
    static func cookie(_ line: Bytes) -> (name: Bytes, value: Bytes) {
        let pair = line.slice(0, line.firstIndex(of: 0x3B) ?? line.count)
        guard let equals = pair.firstIndex(of: 0x3D) else { return (.notSet, .notSet) }
        return (pair.slice(0, equals).trimmed, pair.slice(equals + 1, pair.count).trimmed)
    }
}

extension HeaderReference.Place {
    func count(_ context: Context) -> Int {
        switch self {
        case .req: context.req.headers.count
        case .bereq: context.bereq.headers.count
        case .beresp: context.beresp.headers.count
        case .obj: context.obj.headers.count
        case .resp: context.resp.headers.count
        }
    }

    func forEachSetCookie(_ context: Context, _ body: (Bytes, Bytes) -> Void) {
        let list = self == .beresp ? context.beresp.headers : context.resp.headers
        for field in list.fields where field.name.equalsIgnoringCase("Set-Cookie") {
            let (name, value) = HeaderReference.cookie(field.value)
            if name.isSet { body(name, value) }
        }
    }
}
