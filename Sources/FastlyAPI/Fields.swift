import Foundation
import HTTPKit
import Kernel

/// What a request's body says, whichever way it is written: a form or a JSON object. Values of a form are texts.
struct Fields: Sendable {
    private(set) var members: [String: JSONValue] = [:]
    /// The body when it is JSON, an object or not.
    private(set) var json: JSONValue?

    init(_ members: [String: JSONValue] = [:]) { self.members = members }

    /// Some clients send a JSON content type with no body at all. Throws `Failure(.invalid)`.
    init(_ request: HTTPRequest) throws {
        guard !request.body.isEmpty else { return }
        let type = request.headers["content-type"]?.lowercased() ?? ""
        let looksLikeJSON = request.body.first { !" \r\n\t".utf8.contains($0) }.map { "{[".utf8.contains($0) }
        if type.contains("json") || (!type.contains("form") && looksLikeJSON == true) {
            let value = try JSONReader.read(Array(request.body), name: "the body")
            json = value
            for member in value.members { members[member.name] = member.value }
        } else {
            read(form: String(decoding: request.body, as: UTF8.self))
        }
    }

    private mutating func read(form: String) {
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { $0.replacing("+", with: " ").removingPercentEncoding ?? String($0) }
            guard let name = texts.first, !name.isEmpty else { continue }
            let value = JSONValue.string(texts.count > 1 ? texts[1] : "")
            // `backends[]=a&backends[]=b`, or the name again and again: a list.
            if name.hasSuffix("[]") {
                let name = String(name.dropLast(2))
                members[name] = .array((members[name]?.elements ?? []) + [value])
            } else if let before = members[name] {
                members[name] = .array((before.array ?? [before]) + [value])
            } else {
                members[name] = value
            }
        }
    }

    subscript(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// A text, or a number as one.
    func text(_ name: String) throws -> String? {
        guard let value = self[name] else { return nil }
        switch value {
        case .string(let text), .number(let text): return text
        case .bool(let flag): return String(flag)
        default: throw Failure(.invalid, "'\(name)' is a text, not \(value.kind)")
        }
    }

    func required(_ name: String) throws -> String {
        guard let text = try text(name), !text.isEmpty else {
            throw Failure(.invalid, "'\(name)' is missing", hint: "send it in the body")
        }
        return text
    }

    func flag(_ name: String) throws -> Bool? { try self[name].map { try Fields.flag($0, name) } }

    func integer(_ name: String) throws -> Int? {
        guard let text = try text(name), !text.isEmpty else { return nil }
        guard let number = Int(text) else {
            throw Failure(.invalid, "'\(name)' is a whole number, not '\(text.prefix(40))'")
        }
        return number
    }

    /// As clients write it: `True` comes from Python.
    static func flag(_ value: JSONValue, _ name: String) throws -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .number(let text), .string(let text):
            switch text.lowercased() {
            case "1", "true": return true
            case "0", "false", "": return false
            default: break
            }
        default: break
        }
        throw Failure(.invalid, "'\(name)' is true or false, not '\(value.text.prefix(40))'")
    }
}
