import Journey
import Kernel
import Services
import VCLService

/// One field of an object of a version, as it is read and written.
struct ObjectField: Sendable {
    enum Form: Sendable {
        case text, integer, flag
        /// A text that is kept sealed and never answered.
        case secret
        /// A number that the API writes as a text.
        case numeral
        /// A flag that the API writes as `"0"` or `"1"`.
        case digit
        /// A list of texts, which forms write with commas.
        case list
        /// An object of texts and numbers, kept as it is.
        case object
    }

    let name: String
    let form: Form
    /// Null where Fastly says null.
    let initial: JSONValue
    let isRequired: Bool
    /// Left out of answers where there is none: clients take it for a text whenever it is there.
    let isOmitted: Bool

    init(
        _ name: String, _ form: Form, _ initial: JSONValue = .null, required: Bool = false,
        omitted: Bool = false
    ) {
        isOmitted = omitted
        self.name = name
        self.form = form
        self.initial = initial
        isRequired = required
    }

    /// The value as it is kept, in the form in which it is answered. Throws `Failure(.invalid)`.
    func read(_ value: JSONValue, of kind: String) throws -> JSONValue {
        // An empty text takes a value back that may be none.
        if value == .string(""), initial == .null, form != .text { return .null }
        if case .string(let text) = value, form == .secret, text.hasPrefix(Sealed.mark) {
            throw wrong("***", "a secret in clear", kind)
        }
        switch form {
        case .text, .secret:
            switch value {
            case .string, .null: return value
            case .number(let text): return .string(text)
            case .bool(let flag): return .string(String(flag))
            case .array(let parts): return .string(parts.compactMap(\.string).joined(separator: " "))
            case .object: throw wrong(value, "a text", kind)
            }
        case .integer, .numeral:
            guard let text = value.string ?? value.integer.map(String.init), let number = Int(text) else {
                throw wrong(value, "a whole number", kind)
            }
            return form == .integer ? .integer(number) : .string("\(number)")
        case .flag, .digit:
            let flag = try Fields.flag(value, "\(kind): \(name)")
            return form == .flag ? .bool(flag) : flag ? "1" : "0"
        case .object:
            guard case .object = value else { throw wrong(value, "an object", kind) }
            return value
        case .list:
            if let text = value.string {
                return .array(text.split(separator: ",").map { .string(String($0)) })
            }
            guard let parts = value.array, parts.allSatisfy({ $0.string != nil }) else {
                throw wrong(value, "a list of texts", kind)
            }
            return value
        }
    }

    private func wrong(_ value: JSONValue, _ expected: String, _ kind: String) -> Failure {
        Failure(.invalid, "\(kind): '\(name)' is \(expected), not \(value.text.prefix(40))")
    }
}

/// A kind of object that versions hold, by the word in the API's paths. The rows are in ObjectKinds.swift.
struct ObjectKind: Sendable {
    let path: String
    /// The member of a version's details that lists them.
    let list: String
    /// Older kinds write the version's number as a text.
    let versionIsText: Bool
    let fields: [ObjectField]
    /// Where the campaign file has them, for the campaign's own program, which has none of them otherwise: nil for VCL.
    let campaignKey: String?

    init(
        _ path: String, _ list: String, versionIsText: Bool = false, campaign: String? = "vcl",
        _ fields: [ObjectField]
    ) {
        self.path = path
        self.list = list
        self.versionIsText = versionIsText
        self.fields = fields
        campaignKey = campaign
    }

    /// What is kept of the fields of a request: all of a new object, and those of an old one that the request does not name stay.
    func body(_ given: Fields, after old: JSONValue? = nil) throws -> JSONValue {
        var members: [JSONMember] = []
        for field in fields {
            if let value = given[field.name] {
                members.append(JSONMember(field.name, try field.read(value, of: path)))
            } else if let value = old?[field.name] {
                members.append(JSONMember(field.name, value))
            } else {
                guard !field.isRequired else {
                    throw Failure(
                        .invalid, "\(path): '\(field.name)' is missing", hint: "send it in the body")
                }
                members.append(JSONMember(field.name, field.initial))
            }
        }
        let body = JSONValue.object(members)
        try check(body)
        return body
    }

    /// The body as it is kept: whoever reads the store, or a backup of it, learns no secret.
    func sealed(_ body: JSONValue, _ seal: (String) throws -> String) rethrows -> JSONValue {
        let secrets = Set(fields.filter { $0.form == .secret }.map(\.name))
        return .object(
            try body.members.map { member in
                guard secrets.contains(member.name), case .string(let text) = member.value, !text.isEmpty,
                    !text.hasPrefix(Sealed.mark)
                else { return member }
                return JSONMember(member.name, .string(Sealed.mark + (try seal(text))))
            })
    }

    /// What programs are made of has a say too: ranges of numbers, words of a list.
    private func check(_ body: JSONValue) throws {
        do {
            _ = try FastlyService(.object([JSONMember(list, path == "settings" ? body : .array([body]))]))
        } catch let failure as Failure {
            let message = failure.message.replacing("\(list)[0].", with: "\(path): ")
            throw Failure(failure.kind, message, hint: failure.hint)
        }
    }

    /// As the API answers with it.
    func json(_ object: ServiceObjectRecord, _ service: String, _ version: Int) -> JSONValue {
        var members: [JSONMember] = path == "settings" ? [] : [JSONMember("name", .string(object.name))]
        members += fields.compactMap { field in
            let value = field.form == .secret ? .null : object.body[field.name] ?? field.initial
            return field.isOmitted && value == .null ? nil : JSONMember(field.name, value)
        }
        if !object.id.isEmpty { members.append(JSONMember("id", .string(object.id))) }
        members += [
            JSONMember("service_id", .string(service)),
            JSONMember("version", versionIsText ? .string("\(version)") : .integer(version)),
        ]
        guard path != "settings" else { return .object(members) }
        return .object(
            members + [
                JSONMember("created_at", .time(object.created)),
                JSONMember("updated_at", .time(object.updated)), JSONMember("deleted_at", .null),
            ])
    }
}
