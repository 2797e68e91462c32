package import Kernel
import VCLRuntime

/// Which records somebody wants to see: `status >= 500 and path ~ "^/api" and not cache == HIT`. Fields are those of
/// `RecordField`. Not safe to use from two threads at once.
package struct RecordFilter {
    typealias Test = (RecordView) -> Bool
    private let test: Test

    /// What fits every record.
    package static var everything: RecordFilter { RecordFilter(test: { _ in true }) }

    private init(test: @escaping Test) { self.test = test }

    /// Throws `Failure(.usage)` that says what was expected where.
    package init(_ text: String) throws(Failure) {
        guard text.utf8.count <= RecordLimits.filterBytes else {
            throw Failure(.usage, "a filter has at most \(ByteCount(RecordLimits.filterBytes))")
        }
        var parser = FilterParser(try FilterToken.tokens(of: text))
        test = try parser.whole()
    }

    package func fits(_ record: RecordView) -> Bool { test(record) }
}

/// A piece of a filter's text.
enum FilterToken: Equatable {
    case word(String)
    case quoted(String)
    case symbol(String)

    var text: String {
        switch self {
        case .word(let text), .symbol(let text): text
        case .quoted(let text): "\"\(text)\""
        }
    }

    private static let symbols = [
        "==", "!=", "<=", ">=", "&&", "||", "!~", "=", "<", ">", "~", "!", "(", ")",
    ]

    static func tokens(of text: String) throws(Failure) -> [FilterToken] {
        var tokens: [FilterToken] = []
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard let first = rest.first else { return tokens }
            if first == "\"" || first == "'" {
                tokens.append(.quoted(try quoted(&rest, by: first)))
            } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
                tokens.append(.symbol(symbol))
                rest = rest.dropFirst(symbol.count)
            } else {
                let word = rest.prefix { !$0.isWhitespace && !"=!<>~()&|\"'".contains($0) }
                guard !word.isEmpty else {
                    throw Failure(.usage, "the filter has a '\(first)' that means nothing there")
                }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
    }

    /// A backslash stands before a quote that is meant; before anything else it is itself, as patterns want it.
    private static func quoted(_ rest: inout Substring, by quote: Character) throws(Failure) -> String {
        var text = ""
        rest = rest.dropFirst()
        while let next = rest.popFirst() {
            if next == quote { return text }
            if next == "\\", rest.first == quote {
                text.append(rest.removeFirst())
            } else {
                text.append(next)
            }
        }
        throw Failure(.usage, "the filter lacks a closing \(quote)")
    }
}

/// `or` binds less than `and`, `and` less than `not`.
struct FilterParser {
    private let tokens: [FilterToken]
    private var at = 0
    private var depth = 0

    init(_ tokens: [FilterToken]) { self.tokens = tokens }

    private var next: FilterToken? { at < tokens.count ? tokens[at] : nil }

    private func mistake(_ expected: String) -> Failure {
        Failure(
            .usage, "the filter wants \(expected), not \(next.map { "'\($0.text)'" } ?? "its end")",
            hint: "such as 'status >= 500 and path ~ \"^/api\"'; 'hq edge log --fields' lists the fields")
    }

    private mutating func take(_ words: String...) -> Bool {
        guard case .word(let text) = next ?? .quoted(""), words.contains(text.lowercased()) else {
            guard case .symbol(let text) = next ?? .quoted(""), words.contains(text) else { return false }
            at += 1
            return true
        }
        at += 1
        return true
    }

    mutating func whole() throws(Failure) -> RecordFilter.Test {
        let test = try either()
        guard next == nil else { throw mistake("'and', 'or' or its end") }
        return test
    }

    private mutating func either() throws(Failure) -> RecordFilter.Test {
        var test = try both()
        while take("or", "||") {
            let (left, right) = (test, try both())
            test = { left($0) || right($0) }
        }
        return test
    }

    private mutating func both() throws(Failure) -> RecordFilter.Test {
        var test = try single()
        while take("and", "&&") {
            let (left, right) = (test, try single())
            test = { left($0) && right($0) }
        }
        return test
    }

    private mutating func single() throws(Failure) -> RecordFilter.Test {
        depth += 1
        defer { depth -= 1 }
        guard depth <= RecordLimits.filterDepth else {
            throw Failure(.usage, "the filter is nested deeper than \(RecordLimits.filterDepth) levels")
        }
        if take("not", "!") {
            let test = try single()
            return { !test($0) }
        }
        if take("(") {
            let test = try either()
            guard take(")") else { throw mistake("a ')'") }
            return test
        }
        return try comparison()
    }

    private mutating func comparison() throws(Failure) -> RecordFilter.Test {
        guard case .word(let name) = next ?? .quoted("") else { throw mistake("a field") }
        guard let field = RecordField.named(name) else {
            let near = nearest(name, among: RecordField.all.map(\.name))
            throw Failure(
                .usage, "there is no field '\(name)'",
                hint: near.map { "did you mean '\($0)'?" } ?? "'hq edge log --fields' lists them")
        }
        at += 1
        if case .flag(let read) = field.kind { return read }
        guard case .symbol(let sign) = next ?? .quoted(""),
            let relation = FilterRelation(rawValue: sign == "=" ? "==" : sign)
        else { throw mistake("==, !=, <, <=, >, >=, ~ or !~ behind '\(name)'") }
        at += 1
        let value: String
        switch next {
        case .word(let text), .quoted(let text): value = text
        default: throw mistake("a value behind '\(name) \(sign)'")
        }
        at += 1
        return try FilterComparison(field: field, relation: relation, value: value).test()
    }
}

enum FilterRelation: String {
    case equal = "==", unequal = "!=", less = "<", atMost = "<=", greater = ">", atLeast = ">=", matches = "~"
    case matchesNot = "!~"

    func holds<T: Comparable>(_ left: T, _ right: T) -> Bool {
        switch self {
        case .equal: left == right
        case .unequal: left != right
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        case .atLeast: left >= right
        case .matches, .matchesNot: false
        }
    }

    var isPattern: Bool { self == .matches || self == .matchesNot }
    var isEquality: Bool { self == .equal || self == .unequal }
}

/// `FIELD RELATION VALUE`
struct FilterComparison {
    let field: RecordField
    let relation: FilterRelation
    let value: String

    func test() throws(Failure) -> RecordFilter.Test {
        let relation = relation
        switch field.kind {
        case .text(let read), .target(let read):
            if !relation.isPattern { return try text(read) }
            let pattern = try pattern()
            return { pattern.isFound(in: read($0)) == (relation == .matches) }
        case .number(let read):
            guard let number = Int64(value) ?? ByteCount(parsing: value).map({ Int64($0.bytes) }),
                !relation.isPattern
            else { throw wrong("a number") }
            return { relation.holds(read($0), number) }
        case .milliseconds(let read):
            guard let time = time, !relation.isPattern else {
                throw wrong("milliseconds, or a time such as 1.5s")
            }
            return { relation.holds(Double(read($0)), time) }
        case .address: return try address()
        case .requestID:
            guard relation.isEquality, let number = UInt64(value, radix: 16) else {
                throw wrong("== and a number in hexadecimal")
            }
            return { ($0.requestID == number) == (relation == .equal) }
        case .lines:
            guard relation.isPattern else { throw wrong("~ and a pattern") }
            let pattern = try pattern()
            return { record in
                var isFound = false
                record.forEachLine { if !isFound { isFound = pattern.isFound(in: $0) } }
                return isFound == (relation == .matches)
            }
        case .time, .flag: throw wrong("nothing: it cannot be compared")
        }
    }

    private func wrong(_ expected: String) -> Failure {
        Failure(.usage, "'\(field.name)' wants \(expected), not '\(relation.rawValue) \(value)'")
    }

    private var time: Double? {
        Double(value).map { $0 * 1e6 } ?? Duration(parsing: value).map { Double($0.nanoseconds) }
    }

    private func text(_ read: @escaping @Sendable (RecordView) -> Bytes) throws(Failure) -> RecordFilter.Test
    {
        guard relation.isEquality else { throw wrong("==, !=, ~ or !~") }
        let (wanted, isEqual) = (value, relation == .equal)
        return { record in
            wanted.withBytes { read(record).equalsIgnoringCase($0) } == isEqual
        }
    }

    private func pattern() throws(Failure) -> Pattern {
        do { return try Pattern(value) } catch let mistake as Regex.Mistake {
            throw Failure(.usage, "'\(value)' is no pattern: \(mistake.message)")
        } catch {
            throw Failure(.usage, "'\(value)' is no pattern")
        }
    }

    private func address() throws(Failure) -> RecordFilter.Test {
        guard let range = AddressRange(value), relation.isEquality else {
            throw wrong("== and an address or a range such as 10.0.0.0/8")
        }
        let isEqual = relation == .equal
        return { range.contains($0.client) == isEqual }
    }
}
