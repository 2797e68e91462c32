package import Foundation
import Kernel

/// Entries as people write them down: a JSON object of strings, or CSV (RFC 4180) with a key and a value in each line.
package enum EntryText {
    /// A change set: dictionaries with their entries, null for one that goes.
    package static func wishes(_ data: Data) throws -> [Wish] {
        guard let all = try? JSONDecoder().decode([String: [String: String?]].self, from: data) else {
            throw Failure(
                .invalid, "this is no JSON object of dictionaries with entries of text",
                hint: "write {\"redirects\": {\"/live\": \"https://...\", \"/old\": null}}")
        }
        return all.sorted { $0.key < $1.key }.flatMap { dictionary, entries in
            entries.sorted { $0.key < $1.key }.map { Wish(dictionary, $0.key, $0.value) }
        }
    }

    package static func parse(_ data: Data) throws -> [String: String] {
        guard var text = String(data: data, encoding: .utf8) else {
            throw Failure(.invalid, "the file is not UTF-8", hint: "save it as \"CSV UTF-8\"")
        }
        if text.hasPrefix("\u{FEFF}") { text.unicodeScalars.removeFirst() }
        // A line break of two bytes is one character to Swift.
        return try parse(text.replacing("\r\n", with: "\n"))
    }

    private static func parse(_ text: String) throws -> [String: String] {
        if text.drop(while: \.isWhitespace).first == "{" {
            guard let object = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
                throw Failure(
                    .invalid, "this is no JSON object of strings",
                    hint: "write {\"/debate\": \"https://...\"}")
            }
            return object
        }
        var entries: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty else { continue }
            guard let (key, value) = fields(line) else {
                throw Failure(
                    .invalid, "line \(index + 1) is not 'key,value'",
                    hint: "put a field with a comma into quotes")
            }
            guard entries[key] == nil else {
                throw Failure(.invalid, "line \(index + 1): the key '\(key)' stands twice")
            }
            entries[key] = value
        }
        return entries
    }

    /// A line's two fields; nil for what has another number of them.
    package static func fields(_ line: Substring) -> (String, String)? {
        var fields: [String] = [""]
        var quoted = false
        var characters = Array(line)[...]
        while let next = characters.popFirst() {
            if next == "\"" {
                guard quoted || fields[fields.count - 1].isEmpty else { return nil }
                if quoted, characters.first == "\"" {
                    fields[fields.count - 1].append("\"")
                    characters.removeFirst()
                } else {
                    quoted.toggle()
                }
            } else if next == ",", !quoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(next)
            }
        }
        return fields.count == 2 && !quoted ? (fields[0], fields[1]) : nil
    }
}
