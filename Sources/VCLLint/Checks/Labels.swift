import Diagnostics
import VCL

/// Where each `goto` leads. It leads on: to a label further down, in its own block or in one around it.
enum Labels {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        guard program.hasJumps else { return }
        for sub in program.subs {
            var walk = LabelWalk(program: program)
            walk.collect(sub.body)
            if walk.labels.isEmpty, !walk.hasGotos { continue }
            walk.follow(sub.body)
            report(walk, &findings)
        }
    }

    private static func report(_ walk: LabelWalk, _ findings: inout Findings) {
        var seen: Set<String> = []
        for label in walk.labels {
            if !seen.insert(label.name).inserted {
                findings.add(
                    "vcl/duplicate-label", label.span, "the label '\(label.name)' stands twice in this sub",
                    hint: "rename one of the two")
            } else if !walk.wanted.contains(label.name) {
                findings.add(
                    "vcl/unused-label", label.span, "no goto leads to '\(label.name)'",
                    fixes: [findings.removal("remove the label", label.span, safe: true)])
            }
        }
        for miss in walk.misses {
            if walk.labels.contains(where: { $0.name == miss.name && $0.span.end <= miss.span.start }) {
                findings.add(
                    "vcl/backward-goto", miss.span,
                    "'\(miss.name)' stands above; a goto leads on, never back",
                    hint: "use restart to begin again")
            } else {
                findings.add(
                    "vcl/unknown-label", miss.span,
                    "there is no label '\(miss.name)' below in this block or one around it",
                    hint: "write '\(miss.name):' where to go on")
            }
        }
    }
}

private struct LabelWalk {
    let program: LintedProgram
    var labels: [(name: String, span: Span)] = []
    var hasGotos = false
    var wanted: Set<String> = []
    var misses: [(name: String, span: Span)] = []
    /// The blocks around the present place: their labels, and how far each was read.
    private var frames: [(labels: [String: Int], at: Int)] = []

    init(program: LintedProgram) { self.program = program }

    mutating func collect(_ statements: [Statement]) {
        for statement in statements {
            switch statement.kind {
            case .label(let name): labels.append((program.text(name), statement.span))
            case .goto: hasGotos = true
            default: for body in program.bodies(of: statement) { collect(body) }
            }
        }
    }

    mutating func follow(_ statements: [Statement]) {
        var own: [String: Int] = [:]
        for (index, statement) in statements.enumerated() {
            if case .label(let name) = statement.kind { own[program.text(name)] = index }
        }
        frames.append((own, 0))
        for (index, statement) in statements.enumerated() {
            frames[frames.count - 1].at = index
            if case .goto(let name) = statement.kind {
                let word = program.text(name)
                wanted.insert(word)
                let found = frames.contains { frame in frame.labels[word].map { $0 > frame.at } ?? false }
                if !found { misses.append((word, name.span)) }
            } else {
                for body in program.bodies(of: statement) { follow(body) }
            }
        }
        frames.removeLast()
    }
}

extension LintedProgram {
    /// The blocks inside a statement, those of macros and includes too.
    func bodies(of statement: Statement) -> [[Statement]] {
        switch statement.kind {
        case .if(let branches, let otherwise): branches.map(\.body) + (otherwise.map { [$0] } ?? [])
        case .switch(_, let cases): cases.map(\.body)
        case .block(let body): [body]
        case .macro, .include: inlined[statement.span].map { [$0] } ?? []
        default: []
        }
    }
}
