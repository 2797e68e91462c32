package import Diagnostics
import Kernel
package import Yams

/// Reads typed values out of a YAML tree and collects what is wrong, each with its place. Nothing here stops at a mistake.
package struct YAMLReader {
    package let file: SourceFile
    /// The first part of the rules that it reports: `campaign` for `campaign/type`.
    package let area: String
    package var diagnostics: [Diagnostic] = []

    package init(file: SourceFile, area: String) {
        self.file = file
        self.area = area
    }

    /// The tree, or nil when the text is no YAML.
    package mutating func compose() -> Node? {
        do {
            return try Yams.compose(yaml: String(decoding: file.bytes, as: UTF8.self))
        } catch let error as YamlError {
            report(error)
        } catch {
            diagnostics.append(Diagnostic(area + "/yaml", at: Span(start: 0, end: 1), "this is no YAML"))
        }
        return nil
    }

    private mutating func report(_ error: YamlError) {
        var place = Span(start: 0, end: 1)
        var message = "this is no YAML"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let offset = file.offset(line: mark.line, column: mark.column)
            place = Span(start: offset, end: offset + 1)
            message = problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            let offset = file.offset(line: context.mark.line, column: context.mark.column)
            place = Span(start: offset, end: offset + 1)
            message = "the same key stands twice: \(duplicates.joined(separator: ", "))"
        default: break
        }
        diagnostics.append(
            Diagnostic(area + "/yaml", at: place, message, hint: "check the indentation and the quotes here")
        )
    }

    package func span(_ node: Node) -> Span {
        let start = file.offset(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard let scalar = node.scalar else { return Span(start: start, end: start + 1) }
        let quoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
        return Span(
            start: start, end: min(start + scalar.string.utf8.count + (quoted ? 2 : 0), file.bytes.count))
    }

    package mutating func report(_ rule: String, _ node: Node, _ message: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(area + "/" + rule, at: span(node), message, hint: hint))
    }

    // MARK: values

    /// The members of a mapping whose keys are fixed; unknown keys are reported.
    package mutating func members(_ node: Node, _ what: String, keys: [String], required: [String] = [])
        -> [String:
        Node]
    {
        guard let mapping = node.mapping else {
            report("type", node, "\(what) has members, such as '\(keys.first ?? "name"): ...'")
            return [:]
        }
        var found: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard keys.contains(name) else {
                let meant = nearest(name, among: keys).map { "did you mean '\($0)'?" }
                report(
                    "unknown-key", key, "\(what) has no key '\(name)'",
                    hint: meant ?? "it may hold \(keys.joined(separator: ", "))")
                continue
            }
            found[name] = value
        }
        for name in required where found[name] == nil {
            report("missing-key", node, "\(what) needs '\(name)'")
        }
        return found
    }

    /// The members of a mapping whose keys are names of the campaign's own.
    package mutating func named(_ node: Node, _ what: String) -> [(key: Node, name: String, value: Node)] {
        guard let mapping = node.mapping else {
            report("type", node, "\(what) are names with members, such as 'main: {...}'")
            return []
        }
        return mapping.compactMap { key, value in
            guard let name = key.string, YAMLReader.isName(name) else {
                report(
                    "name", key, "'\(key.string ?? "")' cannot be a name",
                    hint: "a name has letters, digits, '_' and '-', and begins with a letter")
                return nil
            }
            return (key, name, value)
        }
    }

    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first | 0x20 &- 0x61 < 26 && first | 0x20 >= 0x61,
            text.utf8.count <= 63
        else { return false }
        return text.utf8.allSatisfy {
            $0 | 0x20 &- 0x61 < 26 && $0 | 0x20 >= 0x61 || $0 &- 0x30 < 10 || $0 == 0x5F || $0 == 0x2D
        }
    }

    package mutating func items(_ node: Node, _ what: String) -> [Node] {
        guard let sequence = node.sequence else {
            report("type", node, "\(what) is a list: each item begins with '- '")
            return []
        }
        return Array(sequence)
    }

    package mutating func string(_ node: Node?, _ what: String) -> String? {
        guard let node else { return nil }
        if let scalar = node.scalar { return scalar.string }
        report("type", node, "\(what) is a text")
        return nil
    }

    package mutating func bool(_ node: Node?, _ what: String) -> Bool? {
        guard let node else { return nil }
        if let value = node.bool { return value }
        report("type", node, "\(what) is true or false, not '\(node.scalar?.string ?? "a list")'")
        return nil
    }

    package mutating func value<T>(_ node: Node?, _ what: String, _ example: String, _ parse: (String) -> T?)
        -> T?
    {
        guard let node else { return nil }
        guard let text = node.scalar?.string, let value = parse(text) else {
            report("type", node, "\(what) looks like \(example), not '\(node.scalar?.string ?? "a list")'")
            return nil
        }
        return value
    }
}
