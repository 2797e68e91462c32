import Diagnostics
import Kernel
import VCL

// What a file consists of: its outline, and what can be folded away.
extension LanguageServer {
    mutating func symbols(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let (path, index) = try asked(file: parameters)
        guard client.outline else { return .array(flat(index.declared, path, index.file, within: nil)) }
        return .array(index.declared.map { outline($0, index.file) })
    }

    /// The protocol's kinds of symbols that come nearest.
    private static let kinds: [String: Int] = [
        "sub": 12, "hook": 24, "table": 18, "acl": 11, "backend": 8, "director": 5, "penaltybox": 23,
        "ratecounter": 23, "local": 13, "label": 20, "describe": 3,
    ]

    private func outline(_ declared: Declared, _ file: SourceFile) -> JSONValue {
        [
            "name": .string(declared.symbol.name), "detail": .string(label(declared)),
            "kind": .integer(LanguageServer.kinds[declared.keyword] ?? 13),
            "range": encoding.range(declared.whole, in: file),
            "selectionRange": encoding.range(declared.span, in: file),
            "children": .array(declared.children.map { outline($0, file) }),
        ]
    }

    private func label(_ declared: Declared) -> String {
        guard declared.keyword != "local" else { return declared.detail }
        return declared.detail.isEmpty ? declared.keyword : "\(declared.keyword) \(declared.detail)"
    }

    private func flat(_ all: [Declared], _ path: String, _ file: SourceFile, within: String?) -> [JSONValue] {
        all.flatMap { declared -> [JSONValue] in
            var own: [String: JSONValue] = [
                "name": .string(declared.symbol.name),
                "kind": .integer(LanguageServer.kinds[declared.keyword] ?? 13),
                "location": location(path, declared.whole, in: file),
            ]
            if let within { own["containerName"] = .string(within) }
            return [.object(own)] + flat(declared.children, path, file, within: declared.symbol.name)
        }
    }

    // MARK: folding

    mutating func folding(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let (_, index) = try asked(file: parameters)
        let file = index.file
        var found: [JSONValue] = []
        func fold(_ first: Int, _ last: Int, _ kind: String?) {
            guard last > first else { return }
            var range: [String: JSONValue] = [
                "startLine": .integer(first), "endLine": .integer(last),
            ]
            if let kind { range["kind"] = .string(kind) }
            found.append(.object(range))
        }
        var open: [Int] = []
        for token in index.tokens {
            let line = TextEncoding.line(of: token.span.start, in: file)
            switch token.kind {
            case .leftBrace: open.append(line)
            // The line of the '}' stays to be seen.
            case .rightBrace: if let first = open.popLast() { fold(first, line - 1, nil) }
            case .longString: fold(line, TextEncoding.line(of: token.span.end, in: file), nil)
            default: break
            }
        }
        for (first, last) in commentBlocks(index) { fold(first, last, "comment") }
        return .array(found)
    }

    /// Comments on lines of their own, one below the other.
    private func commentBlocks(_ index: FileIndex) -> [(Int, Int)] {
        var blocks: [(Int, Int)] = []
        for comment in index.comments where !comment.trails {
            let first = TextEncoding.line(of: comment.span.start, in: index.file)
            let last = TextEncoding.line(of: max(comment.span.start, comment.span.end - 1), in: index.file)
            if let before = blocks.last, before.1 + 1 == first {
                blocks[blocks.count - 1].1 = last
            } else {
                blocks.append((first, last))
            }
        }
        return blocks
    }
}
