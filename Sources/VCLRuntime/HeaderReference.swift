import HTTP1
import Kernel
import VCL

/// A header of one of the five messages, as written in a program: `req.http.Cookie:session`.
struct HeaderReference {
    enum Place: String, Sendable, CaseIterable {
        case req, bereq, beresp, obj, resp

        init?(_ word: Bytes) {
            guard let place = Place.allCases.first(where: { word == $0.bytes }) else { return nil }
            self = place
        }

        private var bytes: Bytes {
            switch self {
            case .req: Bytes("req")
            case .bereq: Bytes("bereq")
            case .beresp: Bytes("beresp")
            case .obj: Bytes("obj")
            case .resp: Bytes("resp")
            }
        }

        var readScopes: Scopes {
            switch self {
            case .req: .all
            case .bereq: Place.backendRequest
            case .beresp: Scopes(.fetch)
            case .obj: Place.object
            case .resp: Place.response
            }
        }

        var writeScopes: Scopes { readScopes }

        private static let backendRequest = Scopes(.miss, .pass, .fetch)
        private static let object = Scopes(.hit, .error)
        private static let response = Scopes(.deliver, .log)

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
        guard let found = word.withBytes({ HeaderReference($0, wildcard: wildcard) }) else { return nil }
        self = found
    }

    init?(_ word: Bytes, wildcard: Bool = false) {
        let colon = UInt8(ascii: ":")
        guard let dot = word.firstIndex(of: UInt8(ascii: ".")), let place = Place(word.slice(0, dot)) else {
            return nil
        }
        var rest = word.slice(dot + 1, word.count)
        guard rest.hasPrefix("http.") else { return nil }
        rest = rest.slice("http.".utf8.count, rest.count)
        // Before a colon stands a name.
        while rest.count > 0, rest[0] == colon { rest = rest.slice(1, rest.count) }
        guard rest.count > 0 else { return nil }
        let end = rest.firstIndex(of: colon) ?? rest.count
        self.place = place
        self.wildcard = wildcard && rest[end - 1] == UInt8(ascii: "*")
        name = rest.slice(0, self.wildcard ? end - 1 : end).string
        subfield = end + 1 < rest.count ? rest.slice(end + 1, rest.count).string : nil
    }

    /// Fastly's list of headers that programs cannot change, which the compiler enforces there too.
    private static let protected: Set<String> = [
        "content-length", "content-range", "expect", "fastly-ff", "proxy-authenticate", "proxy-authorization",
        "te", "trailer", "transfer-encoding", "upgrade",
    ]
    /// Ours besides, in all messages that the edge sends: it keeps connections by its own rules. Of the client's request
    /// they are text like any other, for the edge forwards none of them.
    private static let ofConnections: Set<String> = ["connection", "keep-alive", "proxy-connection"]

    /// The framing of a message is the server's own affair: a program that could change it could smuggle.
    var isProtected: Bool {
        HeaderReference.protected.contains(name.lowercased())
    }

    /// Fastly lets programs write these; here that has no effect.
    var isOfConnection: Bool {
        place != .req && HeaderReference.ofConnections.contains(name.lowercased())
    }

    /// The same for a name that is known when the program runs.
    static func isProtected(_ name: Bytes, in place: Place) -> Bool {
        protectedNames.contains { $0.equalsIgnoringCase(name) }
            || (place != .req && connectionNames.contains { $0.equalsIgnoringCase(name) })
    }

    private static let pool = LiteralPool()
    private static let protectedNames: [Bytes] = protected.map { pool.store($0) }
    private static let connectionNames: [Bytes] = ofConnections.map { pool.store($0) }

    func reader(_ pool: LiteralPool) -> StringCode {
        let name = HeaderName(pool.store(name))
        let place = place
        guard let subfield else { return { place.read($0, name) } }
        let key = pool.store(subfield)
        let separator = Subfields.separator(of: name)
        return { Subfields.get(place.read($0, name), key, separator: separator, in: $0.arena) }
    }

    func writer(_ pool: LiteralPool) -> @Sendable (Context, Bytes) -> Void {
        let name = HeaderName(pool.store(name))
        let place = place
        let keepsHost = keepsHost
        guard let subfield else {
            return { context, value in
                if keepsHost { context.keepHost() }
                let cleaned = HeaderReference.clean(value, in: context.arena)
                // A header that is set to what is not set is not set either.
                place.modify(context) { if cleaned.isSet { $0.set(name, cleaned) } else { $0.remove(name) } }
            }
        }
        let key = pool.store(subfield)
        return { context, value in
            let cleaned = HeaderReference.clean(value, in: context.arena)
            let separator = Subfields.separator(of: name)
            let new = Subfields.set(
                place.read(context, name), key, cleaned.isSet ? cleaned : .empty, separator: separator,
                in: context.arena)
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
                            && !HeaderReference.isProtected(field.name, in: place)
                    }
                }
            }
        }
        let keepsHost = keepsHost
        guard let subfield else {
            return { context in
                if keepsHost { context.keepHost() }
                place.modify(context) { $0.remove(name) }
            }
        }
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

    /// Whether `fastly_info.host_header` needs the old value when this one is changed.
    private var keepsHost: Bool { place == .req && name.lowercased() == "host" }

    /// A value up to its first line break or NUL: nothing that a visitor sends may add a line to a message.
    static func clean(_ value: Bytes, in arena: Arena) -> Bytes {
        guard let start = value.start else { return value }
        for index in 0..<value.count where start[index] == 0x0A || start[index] == 0x0D || start[index] == 0 {
            return value.slice(0, index)
        }
        return value
    }
}

extension Context {
    /// Remembers the client's Host header before a program's first change of it.
    fileprivate func keepHost() {
        guard !extras.originalHost.isSet else { return }
        extras.originalHost = req.headers[.host]
    }
}
