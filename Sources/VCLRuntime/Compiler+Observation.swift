import Diagnostics
import VCL

extension Compiler {
    /// The step with its observer's hooks around it.
    func observed(_ step: @escaping StepCode, _ statement: Statement, _ context: SubContext) -> StepCode {
        switch statement.kind {
        case .label, .block, .macro, .include: return step
        default: break
        }
        let site = site(.statement, statement.span, context)
        let written = writtenValue(statement, context)
        return { context in
            guard !context.isStopped, let observer = context.observer else { return .stop }
            observer.reaches(site, context)
            let flow = step(context)
            if let (name, read) = written { observer.wrote(name, read(context), at: site, context) }
            return context.isStopped ? .stop : flow
        }
    }

    /// An arm of the branching statement `whole`, which an observer hears of when it is taken.
    func arm(_ body: @escaping StepCode, _ arm: Int, of whole: Span, at place: Span, _ context: SubContext)
        -> StepCode
    {
        guard isObserved else { return body }
        let own = self.site(.branch(of: whole.start, arm: arm), place, context)
        return { context in
            context.observer?.reaches(own, context)
            return body(context)
        }
    }

    private func site(_ kind: Site.Kind, _ span: Span, _ context: SubContext) -> Int {
        sites.append(Site(kind: kind, span: span, sub: context.sub.text))
        return sites.count - 1
    }

    /// How to read what a statement writes; nil for one that writes no variable, or one that cannot be read.
    private func writtenValue(_ statement: Statement, _ context: SubContext)
        -> (String, @Sendable (Context) -> Value)?
    {
        let target: Name
        switch statement.kind {
        case .set(let name, _, _), .add(let name, _), .unset(let name): target = name
        default: return nil
        }
        let before = diagnostics.count
        let code = name(target.span, context)
        _ = retract(to: before)
        return code.map { (text(target), $0.value) }
    }
}
