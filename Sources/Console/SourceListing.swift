import VCLSimulator

/// A program's text with the lines that ran, and the way through it as a tree whose steps lead to their lines. Written here and not
/// in a template: a tree is as deep as the program's calls, and a program has thousands of lines.
struct SourceListing {
    private let numbers: [String: Int]
    private let texts: [(name: String, text: String)]
    private let ran: [String: Set<Int>]

    /// The main file first, then those in which something ran.
    init(main: String, trace: [TraceStep], text: (String) -> String?) {
        var ran: [String: Set<Int>] = [:]
        SourceListing.collect(trace, into: &ran)
        let names = [main] + ran.keys.filter { $0 != main }.sorted()
        texts = names.compactMap { name in text(name).map { (name, $0) } }
        numbers = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1.name, $0) })
        self.ran = ran
    }

    private static func collect(_ steps: [TraceStep], into ran: inout [String: Set<Int>]) {
        for step in steps {
            if let file = step.file, let line = step.line { ran[file, default: []].insert(line) }
            collect(step.steps, into: &ran)
        }
    }

    /// The address of a line: `L12` in the main file, `L2-12` in the second.
    private func anchor(_ file: String, _ line: Int) -> String? {
        numbers[file].map { $0 == 0 ? "L\(line)" : "L\($0 + 1)-\(line)" }
    }

    private func escaped(_ text: some StringProtocol) -> String { EscapedHTML().escapeText(String(text)) }

    // MARK: the source

    /// Every file with its lines, as far as a page can hold.
    var source: String {
        var left = ConsoleLimits.sourceLines
        return texts.map { name, text in
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last == "" { lines.removeLast() }
            let shown = lines.prefix(left)
            left -= shown.count
            let hidden = lines.count - shown.count
            return "<h3>\(escaped(name))</h3><pre class=\"source\"><code>"
                + shown.enumerated().map { row(name, $0 + 1, $1) }.joined() + "</code></pre>"
                + (hidden > 0 ? "<p class=\"small\">\(hidden) more lines are not shown.</p>" : "")
        }.joined()
    }

    private func row(_ file: String, _ line: Int, _ text: Substring) -> String {
        let didRun = ran[file]?.contains(line) ?? false
        let isComment = ["#", "//"].contains { text.drop { $0 == " " || $0 == "\t" }.hasPrefix($0) }
        let look = didRun ? "line ran" : isComment ? "line said" : "line"
        let mark = didRun ? "<span class=\"did\" role=\"img\" aria-label=\"ran\">▸</span>" : ""
        return
            "<span class=\"\(look)\" id=\"\(anchor(file, line) ?? "")\"><span class=\"no\">\(mark)\(line)</span>"
            + "<span class=\"text\">\(escaped(text))</span>\n</span>"
    }

    // MARK: the tree

    func tree(_ trace: [TraceStep]) -> String {
        var left = ConsoleLimits.traceSteps
        let html = list(trace, &left)
        return html
            + (left <= 0
                ? "<p class=\"small\">Only the first \(ConsoleLimits.traceSteps) steps are shown.</p>" : "")
    }

    private func list(_ steps: [TraceStep], _ left: inout Int) -> String {
        var html = "<ol>"
        for step in steps {
            guard left > 0 else { break }
            left -= 1
            html += "<li class=\"\(step.kind.rawValue)\">" + label(step)
            if !step.steps.isEmpty { html += list(step.steps, &left) }
            html += "</li>"
        }
        return html + "</ol>"
    }

    private func label(_ step: TraceStep) -> String {
        var words: String
        switch step.kind {
        case .state:
            let end = step.decision.map { " <span class=\"to\">→ <b>\(escaped($0))</b></span>" } ?? ""
            words = "<b>\(escaped(step.text))</b>" + end
        case .call: words = "call <b>\(escaped(step.text))</b>"
        case .note: words = escaped(step.text)
        case .branch: words = step.line == nil ? escaped(step.text) : "<code>\(escaped(step.text))</code>"
        case .statement: words = "<code>\(escaped(step.text))</code>"
        }
        if let file = step.file, let line = step.line, let anchor = anchor(file, line) {
            words = "<a href=\"#\(anchor)\"><span class=\"no\">\(line)</span>\(words)</a>"
        }
        guard let name = step.variable else { return words }
        let value = step.value.map { "<q>\(escaped($0.cut(to: ConsoleLimits.summary)))</q>" } ?? "not set"
        return words + "<span class=\"value\"><code>\(escaped(name))</code> is now \(value)</span>"
    }
}
