package import VCL

/// What the comments before a test's sub say of it: `@scope: recv,deliver`, `@suite: a name`, `@skip`, `@tag: prod,!dev`.
package struct TestAnnotations: Sendable, Hashable {
    package var suite: String?
    package var scopes: [Scope] = []
    package var isSkipped = false
    package var tags: [String] = []

    package init(comments: [String], sub: String) {
        for comment in comments {
            let text = comment.drop { " */#\t".contains($0) }.split(separator: "\n").first ?? ""
            guard text.hasPrefix("@") else { continue }
            read(String(text.dropFirst()))
        }
        if scopes.isEmpty, let named = Scope.allCases.first(where: { sub.hasSuffix("_" + $0.rawValue) }) {
            scopes = [named]
        }
        if scopes.isEmpty { scopes = [.recv] }
    }

    private mutating func read(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        let value = parts.count == 2 ? TestAnnotations.trimmed(String(parts[1])) : ""
        switch parts.first.map({ TestAnnotations.trimmed(String($0)) }) {
        case "suite"?: suite = value
        case "skip"?: isSkipped = true
        case "tag"?: tags = TestAnnotations.list(value)
        case "scope"?: scopes += TestAnnotations.list(value).compactMap { Scope(rawValue: $0.lowercased()) }
        default: scopes += TestAnnotations.list(text).compactMap { Scope(rawValue: $0.lowercased()) }
        }
    }

    /// Whether a run with these tags leaves the test out: `prod` wants the tag, `!prod` wants it absent.
    package func isExcluded(by given: [String]) -> Bool {
        if isSkipped { return true }
        guard !tags.isEmpty else { return false }
        return !tags.contains { tag in
            tag.hasPrefix("!") ? !given.contains(String(tag.dropFirst())) : given.contains(tag)
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        let kept = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(kept.reversed().drop { " \t\r*/".contains($0) }.reversed())
    }
}
