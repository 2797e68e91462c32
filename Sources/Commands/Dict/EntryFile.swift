import Foundation
import Kernel

/// Entries in a file: a JSON object of strings, or CSV.
enum EntryFile {
    static func parse(_ text: String) throws -> [String: String] {
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
            let line = line.hasSuffix("\r") ? line.dropLast() : line
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

    private static func fields(_ line: Substring) -> (String, String)? {
        var fields: [String] = [""]
        var quoted = false
        var characters = Array(line)[...]
        while let next = characters.popFirst() {
            if next == "\"" {
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
