import Diagnostics
import VCL

/// Comments that ask for silence: `// hq-ignore-next-line`, `// hq-ignore` behind a statement, and `// hq-ignore-start` to
/// `// hq-ignore-end`, each for all rules or for those that it lists. The same words with `falco-` are understood too.
struct IgnoreComments {
    private struct Area {
        let lines: ClosedRange<Int>
        /// Nil for every rule.
        let rules: Set<String>?
    }

    private let sources: SourceSet
    /// By file; nil for one that was not read yet.
    private var areas: [[Area]?]

    init(_ sources: SourceSet) {
        self.sources = sources
        areas = Array(repeating: nil, count: sources.files.count)
    }

    mutating func covers(_ diagnostic: Diagnostic) -> Bool {
        guard let file = sources.file(of: diagnostic.span) else { return false }
        let index = Int(diagnostic.span.file)
        let found: [Area]
        if let known = areas[index] {
            found = known
        } else {
            found = IgnoreComments.read(file)
            areas[index] = found
        }
        if found.isEmpty { return false }
        let line = file.position(of: diagnostic.span.start).line
        return found.contains { area in
            area.lines.contains(line) && area.rules.map { $0.contains(diagnostic.rule) } ?? true
        }
    }

    // MARK: reading

    private static func read(_ file: SourceFile) -> [Area] {
        guard mentionsIgnore(file.bytes) else { return [] }
        var areas: [Area] = []
        var open: [(line: Int, rules: Set<String>?)] = []
        for comment in Parser.parse(file, file: 0).tree.comments {
            guard let (kind, rules) = parse(file.text(comment.span)) else { continue }
            let first = file.position(of: comment.span.start).line
            let last = file.position(of: comment.span.end).line
            switch kind {
            case "": areas.append(Area(lines: first...last, rules: rules))
            case "-next-line": areas.append(Area(lines: last...(last + 1), rules: rules))
            case "-start": open.append((first, rules))
            default: close(&open, at: last, rules, &areas)
            }
        }
        for one in open { areas.append(Area(lines: one.line...Int.max, rules: one.rules)) }
        return areas
    }

    /// An end without rules ends everything; one with rules ends those.
    private static func close(
        _ open: inout [(line: Int, rules: Set<String>?)], at line: Int, _ ended: Set<String>?,
        _ areas: inout [Area]
    ) {
        var left: [(line: Int, rules: Set<String>?)] = []
        for one in open {
            areas.append(Area(lines: one.line...max(one.line, line), rules: one.rules))
            guard let ended, let rules = one.rules else { continue }
            let rest = rules.subtracting(ended)
            if !rest.isEmpty { left.append((line, rest)) }
        }
        open = left
    }

    private static let kinds: Set<String> = ["", "-next-line", "-start", "-end"]

    private static func parse(_ comment: String) -> (kind: String, rules: Set<String>?)? {
        var body = Substring(comment).drop { "#/*@ \t".contains($0) }
        if body.hasSuffix("*/") { body = body.dropLast(2) }
        let words = body.split(maxSplits: 1) { $0 == " " || $0 == "\t" || $0 == ":" || $0 == "\r" }
        guard let first = words.first else { return nil }
        for prefix in ["hq-ignore", "falco-ignore"] where first.hasPrefix(prefix) {
            let kind = String(first.dropFirst(prefix.count))
            guard kinds.contains(kind) else { return nil }
            return (kind, words.count > 1 ? rules(words[1]) : nil)
        }
        return nil
    }

    /// The rules that a list names; nil for a remark, which names none. A mistyped id is silent about nothing.
    private static func rules(_ text: Substring) -> Set<String>? {
        let names = text.split { $0 == "," || $0 == " " || $0 == "\t" || $0 == "\r" }
        let found = Set(names.flatMap { LintRules.named(String($0)).map(\.id) })
        return found.isEmpty && !names.contains { $0.contains("/") } ? nil : found
    }

    private static func mentionsIgnore(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            let wanted = Array("-ignore".utf8)
            guard buffer.count >= wanted.count else { return false }
            var at = 0
            while at <= buffer.count - wanted.count {
                if buffer[at] == wanted[0], (1..<wanted.count).allSatisfy({ buffer[at + $0] == wanted[$0] }) {
                    return true
                }
                at += 1
            }
            return false
        }
    }
}
