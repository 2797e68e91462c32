/// `1 entry`, `2 entries`.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

extension StringProtocol {
    /// Without the white space at either end.
    var trimmingSpace: String {
        let blank: (Character) -> Bool = { $0.isWhitespace }
        guard let first = firstIndex(where: { !blank($0) }), let last = lastIndex(where: { !blank($0) })
        else {
            return ""
        }
        return String(self[first...last])
    }

    /// A line of a comment without what makes it one.
    var trimmingCommentMarks: String {
        var line = trimmingSpace[...]
        for mark in ["///", "//", "/**", "/*", "##", "#", "*/", "* ", "*"] where line.hasPrefix(mark) {
            line = line.dropFirst(mark.count)
            break
        }
        if line.hasSuffix("*/") { line = line.dropLast(2) }
        return line.trimmingSpace
    }
}
