package import Foundation

/// What every command answers, through every door: a value that is rendered as text, HTML or JSON.
package struct Report: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable {
        case done, refused, failed, usage

        /// The process's exit status.
        package var exitStatus: Int32 {
            switch self {
            case .done: 0
            case .refused, .failed: 1
            case .usage: 2
            }
        }
    }

    package struct Field: Sendable, Codable, Hashable {
        package let label: String
        package let value: String
        package init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    package struct Table: Sendable, Codable, Hashable {
        package let columns: [String]
        package let rows: [[String]]
        package init(columns: [String], rows: [[String]]) {
            self.columns = columns
            self.rows = rows
        }
    }

    package var outcome: Outcome
    package var headline: String
    package var fields: [Field]
    package var table: Table?
    /// Warnings and verdicts, most important first.
    package var notes: [String]
    /// What to type next.
    package var hint: String?
    /// The same for programs; `--json` prints its members beside `outcome` and `headline`.
    package var data: JSON
    /// For a failure: which kind, so that a door can choose its status.
    package var failureKind: String?

    package init(
        _ headline: String, outcome: Outcome = .done, fields: [Field] = [], table: Table? = nil,
        notes: [String] = [], hint: String? = nil,
        data: JSON = .object([:])
    ) {
        self.outcome = outcome
        self.headline = headline
        self.fields = fields
        self.table = table
        self.notes = notes
        self.hint = hint
        self.data = data
    }
}

/// Any JSON value; keys are written in alphabetical order, so that equal values are equal texts.
package enum JSON: Sendable, Codable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    package init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSON.self, from: JSON.text(of: value))
    }

    package func decoded<T: Decodable>(as type: T.Type) throws -> T {
        try JSONDecoder().decode(type, from: JSON.text(of: self))
    }

    /// Canonical text: sorted keys, no spaces, slashes as they are.
    package static func text(of value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The same as a String.
    package static func string(of value: some Encodable) throws -> String {
        String(decoding: try text(of: value), as: UTF8.self)
    }

    package var text: String { (try? JSON.string(of: self)) ?? "null" }

    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }
}

extension Report {
    /// The one document that `--json` prints.
    package var json: JSON {
        var members: [String: JSON] = [:]
        if case .object(let own) = data { members = own }
        members["outcome"] = .string(outcome.rawValue)
        members["headline"] = .string(headline)
        if !notes.isEmpty { members["notes"] = .array(notes.map { .string($0) }) }
        if let hint { members["hint"] = .string(hint) }
        if let failureKind { members["error"] = .string(failureKind) }
        return .object(members)
    }

    /// For a terminal: headline, fields, table, notes, hint.
    package func text(colour: Bool) -> String {
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var lines: [String] = [paint(outcome == .done ? "1" : "31;1", headline)]
        let width = fields.map { $0.label.count }.max() ?? 0
        for field in fields {
            lines.append("  " + paint("2", field.label.padded(to: width)) + "  " + field.value)
        }
        if let table, !table.rows.isEmpty { lines += Report.lines(of: table, paint) }
        for note in notes { lines.append(paint("33", "! ") + note) }
        if let hint { lines.append(paint("2", "-> " + hint)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of table: Table, _ paint: (String, String) -> String) -> [String] {
        let widths = table.columns.indices.map { column in
            ([table.columns[column]] + table.rows.map { column < $0.count ? $0[column] : "" }).map(\.count)
                .max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            "  "
                + cells.enumerated().map { $0 == widths.count - 1 ? $1 : $1.padded(to: widths[$0]) }.joined(
                    separator: "  ")
        }
        return [paint("2", line(table.columns))] + table.rows.map(line)
    }
}

extension String {
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
