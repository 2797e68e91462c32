import Diagnostics
import VCL

/// Code behind what ends its block.
enum Reachability {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for sub in program.subs { block(sub.body, program, &findings) }
    }

    private static func block(
        _ statements: [Statement], _ program: LintedProgram, _ findings: inout Findings
    ) {
        var ended = false
        var index = 0
        while index < statements.count {
            let statement = statements[index]
            if case .label = statement.kind { ended = false }
            if ended, !isBreak(statement) {
                let rest = statements[index...].prefix { if case .label = $0.kind { false } else { true } }
                report(Array(rest), &findings)
                index += rest.count
                continue
            }
            for body in program.bodies(of: statement) { block(body, program, &findings) }
            ended = ended || program.ends(statement)
            index += 1
        }
    }

    /// `return(pass); break;` is how some write the cases of a switch.
    private static func isBreak(_ statement: Statement) -> Bool {
        if case .break = statement.kind { true } else { false }
    }

    private static func report(_ dead: [Statement], _ findings: inout Findings) {
        guard let first = dead.first, let last = dead.last else { return }
        let plain = dead.allSatisfy { statement in
            switch statement.kind {
            case .macro, .include, .declare, .declareInBlock, .block, .label: false
            default: true
            }
        }
        findings.add(
            "vcl/unreachable", first.span, "this never runs: what stands before it always leaves the block",
            hint: "remove it, or move it up",
            fixes: [
                findings.removal("remove what never runs", first.span.through(last.span), safe: plain)
            ])
    }
}

extension LintedProgram {
    /// Whether what stands behind a statement in its block can never run.
    func ends(_ statement: Statement) -> Bool {
        switch statement.kind {
        case .return, .error, .restart, .goto, .break, .fallthrough_: true
        case .if(let branches, let otherwise?):
            endsBlock(otherwise) && branches.allSatisfy { endsBlock($0.body) }
        case .block(let body): endsBlock(body)
        case .macro, .include: endsBlock(inlined[statement.span] ?? [])
        default: false
        }
    }

    /// Whether nothing behind a block with this body runs.
    func endsBlock(_ statements: [Statement]) -> Bool {
        for statement in statements.reversed() {
            if case .label = statement.kind { return false }
            if ends(statement) { return true }
        }
        return false
    }
}
