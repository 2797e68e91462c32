import Kernel

/// What an authority says is wrong (RFC 7807, with the types of RFC 8555, section 6.7).
struct Problem: Equatable {
    /// Without `urn:ietf:params:acme:error:`; empty for an answer that is no problem document.
    let type: String
    private let detail: String
    private let instance: String?

    static let namespace = "urn:ietf:params:acme:error:"

    init(_ json: JSONValue) {
        let name = json["type"]?.string ?? ""
        type = name.hasPrefix(Problem.namespace) ? String(name.dropFirst(Problem.namespace.count)) : name
        // A problem of several names has one for each below itself.
        let parts = (json["subproblems"]?.elements ?? []).compactMap { $0["detail"]?.string }
        let whole = [json["detail"]?.string ?? ""] + parts
        detail = Problem.shown(whole.filter { !$0.isEmpty }.joined(separator: "; "))
        instance = json["instance"]?.string.map(Problem.shown)
    }

    init(_ response: ACMEResponse) {
        let json = try? JSONReader.read(response.body, name: "the answer")
        self.init(json ?? .null)
    }

    private static func shown(_ text: String) -> String {
        String(text.visible.prefix(ACMELimits.detailLetters)).trimmed
    }

    /// What an authority was at: the same type means another mistake.
    enum Stage { case validation, externalAccount, other }

    private typealias Row = (kind: Failure.Kind, hint: String)

    private static let elsewhere: Row = (
        .refused, "who answers at http://HOST/? The name must lead to this edge"
    )
    private static let validation: [String: Row] = [
        "connection": (.refused, "http://HOST/ must reach this edge, at port 80, from outside"),
        "dns": (.refused, "does HOST have an address, and is it that of this edge?"),
        "tls": (.refused, "http://HOST/ must lead to this edge, not to another's TLS"),
        "unauthorized": elsewhere, "incorrectResponse": elsewhere,
    ]
    private static let externalAccount: [String: Row] = [
        "unauthorized": (
            .refused, "are the identifier and the key of --acme-eab as the authority gave them?"
        ),
        "malformed": (.refused, "are the identifier and the key of --acme-eab as the authority gave them?"),
    ]
    private static let rows: [String: Row] = [
        "rateLimited": (.limit, "it is tried again by itself; try out with letsencrypt-staging"),
        "caa": (.refused, "a CAA record of HOST names another authority"),
        "rejectedIdentifier": (.refused, "the authority issues nothing for HOST: its policy says why"),
        "unsupportedIdentifier": (.refused, "the authority issues nothing for HOST: its policy says why"),
        "invalidContact": (.invalid, "give an address of yours with --acme-contact"),
        "unsupportedContact": (.invalid, "give an address of yours with --acme-contact"),
        "externalAccountRequired": (
            .invalid, "give --acme-eab with the identifier and the key that the authority gave you"
        ),
        "userActionRequired": (.refused, "the authority wants you to agree to new terms"),
    ]

    private func row(_ stage: Stage) -> Row? {
        let special: Row? =
            switch stage {
            case .validation: Problem.validation[type]
            case .externalAccount: Problem.externalAccount[type]
            case .other: nil
            }
        return special ?? Problem.rows[type]
    }

    /// `host` is whom it is about, `doing` what was not possible.
    func failure(_ doing: String, host: String, status: Int? = nil, at stage: Stage = .other) -> Failure {
        let row = row(stage)
        let said = [type, detail].filter { !$0.isEmpty }.joined(separator: ": ")
        let why = said.isEmpty ? status.map { "it answered \($0)" } ?? "it says no reason" : said
        var hint = row?.hint.replacing("HOST", with: host)
        if let instance, type == "userActionRequired" || type == "rateLimited" {
            hint = (hint.map { $0 + ": " } ?? "") + instance
        }
        let kind = row?.kind ?? ((status ?? 0) >= 500 ? .unavailable : .refused)
        return Failure(kind, "the authority \(doing): \(why)", hint: hint)
    }
}

extension String {
    /// Without controls: a stranger's text goes to a terminal.
    var visible: String {
        String(UnicodeScalarView(unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }

    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.last?.isWhitespace == true || rest.last == "." { rest.removeLast() }
        return String(rest.drop(while: \.isWhitespace))
    }
}
