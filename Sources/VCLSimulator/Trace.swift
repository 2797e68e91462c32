import Diagnostics
import Kernel
import VCLRuntime

/// One step of a program's way through a request, with the steps inside it.
package struct TraceStep: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// A state: vcl_recv, vcl_fetch ...
        case state
        case call
        case statement
        /// A condition that held, or the `else` that was taken.
        case branch
        /// Something between the states: a look into the cache, a fetch, a restart.
        case note
    }

    package let kind: Kind
    package let text: String
    package let file: String?
    package let line: Int?
    /// The variable that the step wrote, and its value then; nil for one that is not set.
    package var variable: String?
    package var value: String?
    /// How a state ended.
    package var decision: String?
    package var steps: [TraceStep] = []
}

/// Writes down what an observed program does. After `mostSteps` it only counts.
final class Trace: Observer {
    /// Steps of one request; a program of thousands of lines stays below a tenth of it.
    static let mostSteps = 20_000

    private final class Node {
        var step: TraceStep
        let span: Span?
        var children: [Node] = []
        init(_ step: TraceStep, _ span: Span?) {
            self.step = step
            self.span = span
        }

        var whole: TraceStep {
            var found = step
            found.steps = children.map(\.whole)
            return found
        }
    }

    private let subs: ObservedSubs
    private let sources: SourceSet
    private let root = Node(TraceStep(kind: .note, text: "", file: nil, line: nil), nil)
    private var open: [Node]
    private var count = 0
    private weak var edge: SimulatedEdge?
    private let isRecording: Bool

    init(_ edge: SimulatedEdge) {
        subs = edge.snapshot.program.observed!
        sources = edge.sources
        self.edge = edge
        isRecording = edge.tracing
        open = [root]
    }

    var steps: [TraceStep] { root.children.map(\.whole) }

    // MARK: the simulator's own steps

    func begin(state: String) { push(TraceStep(kind: .state, text: state, file: nil, line: nil), nil) }

    func end(decision: String) {
        while open.count > 1 {
            let last = open.removeLast()
            if last.step.kind == .state {
                last.step.decision = decision
                return
            }
        }
    }

    func note(_ text: String) {
        add(TraceStep(kind: .note, text: text, file: nil, line: nil), nil)
    }

    @discardableResult
    private func add(_ step: TraceStep, _ span: Span?) -> Node? {
        count += 1
        guard count <= Trace.mostSteps else { return nil }
        let node = Node(step, span)
        open.last!.children.append(node)
        return node
    }

    private func push(_ step: TraceStep, _ span: Span?) {
        if let node = add(step, span) { open.append(node) }
    }

    // MARK: Observer

    func reaches(_ site: Int, _ context: Context) {
        edge?.hits[site] &+= 1
        guard isRecording else { return }
        let place = subs.sites[site]
        switch place.kind {
        case .statement:
            // A statement lies inside the one that is open, or behind it.
            while let span = open.last?.span, !contains(span, place.span) { open.removeLast() }
            push(step(.statement, place.span), place.span)
        case .branch(let whole, _):
            let isWritten = place.span.start != whole
            add(
                isWritten
                    ? step(.branch, place.span)
                    : TraceStep(kind: .branch, text: "no branch taken", file: nil, line: nil), nil)
        }
    }

    private func contains(_ outer: Span, _ inner: Span) -> Bool {
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    }

    private func step(_ kind: TraceStep.Kind, _ span: Span) -> TraceStep {
        let file = sources.file(of: span)
        var text = String(sources.text(span).split(separator: "\n").first ?? "")
        if text.count > 160 { text = text.prefix(157) + "..." }
        return TraceStep(
            kind: kind, text: text, file: file?.name, line: file.map { $0.position(of: span.start).line })
    }

    func wrote(_ name: String, _ value: Value, at site: Int, _ context: Context) {
        guard let last = open.last, last.step.kind == .statement else { return }
        let text = value.text(context)
        last.step.variable = name
        last.step.value = text.isSet ? text.string : nil
    }

    func enters(_ sub: Int, _ context: Context) {
        push(TraceStep(kind: .call, text: subs.names[sub], file: nil, line: nil), nil)
    }

    func leaves(_ sub: Int, _ flow: Flow, _ context: Context) {
        while open.count > 1, open.removeLast().step.kind != .call {}
    }

    func substitute(for sub: Int) -> Int { sub }
    func injected(_ name: String) -> Value? { nil }
    func broke(_ sub: Int, _ context: Context) {}
}
