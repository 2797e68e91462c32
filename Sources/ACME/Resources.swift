import Kernel

/// RFC 8555, section 7.1.1.
struct Directory: Sendable {
    private(set) var newNonce = ""
    private(set) var newAccount = ""
    private(set) var newOrder = ""
    private(set) var terms: String?
    private(set) var wantsExternalAccount = false
    /// All addresses have that of the directory: whoever could read it could otherwise send us, and our signatures, into
    /// the open.
    private var scheme = "https://"

    init() {}

    init(_ json: JSONValue, at url: String) throws(Failure) {
        if url.hasPrefix("http://") { scheme = "http://" }
        newNonce = try checked(json["newNonce"]?.string, "for nonces")
        newAccount = try checked(json["newAccount"]?.string, "for accounts")
        newOrder = try checked(json["newOrder"]?.string, "for orders")
        terms = json["meta"]?["termsOfService"]?.string
        wantsExternalAccount = json["meta"]?["externalAccountRequired"]?.bool ?? false
    }

    /// An address from an answer.
    func checked(_ url: String?, _ whose: String) throws(Failure) -> String {
        guard let url, !url.isEmpty else {
            throw Failure(
                .unavailable, "the authority names no address \(whose)",
                hint: "is the address that of an ACME directory (RFC 8555)?")
        }
        guard url.hasPrefix(scheme), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(.refused, "the authority's address \(whose) does not begin with \(scheme)")
        }
        return url
    }
}

/// RFC 8555, section 7.1.3.
struct Order: Sendable {
    private(set) var url = ""
    private(set) var finalize = ""
    /// Those that are left.
    var authorizations: [String] = []

    init() {}

    init(_ json: JSONValue, _ location: String?, _ directory: Directory) throws(Failure) {
        url = try directory.checked(location, "of the order")
        finalize = try directory.checked(json["finalize"]?.string, "to finalize")
        let listed = json["authorizations"]?.elements ?? []
        guard listed.count <= ACMELimits.authorizations else {
            throw Failure(.limit, "the authority wants \(listed.count) authorizations for one name")
        }
        for one in listed { authorizations.append(try directory.checked(one.string, "of an authorization")) }
    }
}

/// RFC 8555, section 7.1.4.
struct Authorization {
    let status: String
    private let challenges: [JSONValue]

    init(_ json: JSONValue) {
        status = json["status"]?.string ?? ""
        challenges = json["challenges"]?.elements ?? []
    }

    private var http: JSONValue? { challenges.first { $0["type"]?.string == "http-01" } }

    /// RFC 8555, section 8.3.
    func challenge(_ directory: Directory, host: String) throws(Failure) -> (url: String, token: String) {
        guard let http else {
            let kinds = challenges.compactMap { $0["type"]?.string }.joined(separator: ", ")
            throw Failure(
                .refused, "the authority offers no challenge http-01 for \(host)",
                hint: kinds.isEmpty ? nil : "it offers \(kinds)")
        }
        let url = try directory.checked(http["url"]?.string, "of the challenge")
        guard let token = http["token"]?.string, ACMELimits.tokenLetters.contains(token.utf8.count),
            token.utf8.allSatisfy(Authorization.isTokenLetter)
        else {
            throw Failure(.refused, "the authority's token for \(host) is none by RFC 8555, section 8.3")
        }
        return (url, token)
    }

    private static func isTokenLetter(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F
    }

    /// Why it is not valid.
    var problem: Problem {
        let errors = challenges.compactMap { $0["error"] }
        return Problem(http?["error"] ?? errors.first ?? .null)
    }
}
