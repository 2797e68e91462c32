/// Whether a backtracking matcher can take exponentially long: when a loop can read one text in two ways and something
/// behind it may fail, it tries all combinations. Found in the pattern's automaton (one state for each class in the pattern):
/// a state that leads back to itself over one text by two paths. Safe patterns such as `([^&]*&)*x` have no such state.
struct RegexExplosion {
    private var sets: [ByteSet] = []
    /// By state: the states that may follow, and in how many ways each.
    private var next: [[Int: Int]] = []

    /// Larger patterns are not looked at: their automaton's square would take too long.
    private static let mostStates = 200
    private static let mostInCycle = 120
    /// A bounded loop counts as this many copies of its body at most; one text in two ways shows in three.
    private static let mostCopies = 3

    static func isPossible(in pattern: String) -> Bool {
        // Without a loop around a group nothing can repeat what repeats.
        guard pattern.contains(")*") || pattern.contains(")+") || pattern.contains("){") else { return false }
        return RegexTree.parse(pattern).explodes(before: false)
    }

    /// Whether this loop reads some text in two ways.
    static func isAmbiguous(loop body: RegexTree) -> Bool {
        var automaton = RegexExplosion()
        guard automaton.add(.loop(body, least: 0, most: nil)) != nil else { return false }
        return automaton.isAmbiguous
    }

    private struct Ends {
        var first: [Int]
        var last: [Int]
        var canBeNothing: Bool
        static let nothing = Ends(first: [], last: [], canBeNothing: true)
    }

    // MARK: building

    /// Nil when the pattern is too large.
    private mutating func add(_ tree: RegexTree) -> Ends? {
        switch tree {
        case .empty, .assertion: return .nothing
        case .bytes(let set): return state(set)
        case .atomic(let body): return state(body.union)
        case .sequence(let parts):
            var ends = Ends.nothing
            for part in parts {
                guard let other = add(part) else { return nil }
                ends = joined(ends, other)
            }
            return ends
        case .choice(let parts):
            var ends = Ends(first: [], last: [], canBeNothing: false)
            for part in parts {
                guard let other = add(part) else { return nil }
                ends.first += other.first
                ends.last += other.last
                ends.canBeNothing = ends.canBeNothing || other.canBeNothing
            }
            return ends
        case .loop(let body, let least, let most): return loop(body, least, most)
        }
    }

    private mutating func state(_ set: ByteSet) -> Ends? {
        guard sets.count < RegexExplosion.mostStates else { return nil }
        sets.append(set)
        next.append([:])
        return Ends(first: [sets.count - 1], last: [sets.count - 1], canBeNothing: false)
    }

    private mutating func joined(_ left: Ends, _ right: Ends) -> Ends {
        connect(left.last, right.first)
        return Ends(
            first: left.canBeNothing ? left.first + right.first : left.first,
            last: right.canBeNothing ? left.last + right.last : right.last,
            canBeNothing: left.canBeNothing && right.canBeNothing)
    }

    private mutating func connect(_ from: [Int], _ to: [Int]) {
        for state in from { for other in to { next[state][other, default: 0] += 1 } }
    }

    private mutating func loop(_ body: RegexTree, _ least: Int, _ most: Int?) -> Ends? {
        guard let most else {
            guard var ends = add(body) else { return nil }
            connect(ends.last, ends.first)
            if least == 0 { ends.canBeNothing = true }
            return ends
        }
        var ends = Ends.nothing
        for copy in 0..<min(most, RegexExplosion.mostCopies) {
            guard var other = add(body) else { return nil }
            if copy >= least { other.canBeNothing = true }
            ends = joined(ends, other)
        }
        return ends
    }

    // MARK: looking

    private var isAmbiguous: Bool {
        let part = components()
        var members: [Int: [Int]] = [:]
        for state in sets.indices { members[part[state], default: []].append(state) }
        for (_, states) in members {
            let own = Set(states)
            // Two ways from one state to the next, on a way that leads back.
            let doubled = states.contains { state in
                next[state].contains { own.contains($0.key) && $0.value > 1 && isCycle(own, state) }
            }
            if doubled || hasTwoPaths(states, own) { return true }
        }
        return false
    }

    private func isCycle(_ own: Set<Int>, _ state: Int) -> Bool { own.count > 1 || next[state][state] != nil }

    /// The cycle to which each state belongs, as the number of one of its states.
    private func components() -> [Int] {
        var number = [Int](repeating: -1, count: sets.count)
        for start in sets.indices where number[start] < 0 {
            let ahead = reached(from: start) { next[$0].keys.map { $0 } }
            for state in ahead where number[state] < 0 {
                if state == start || reached(from: state, { next[$0].keys.map { $0 } }).contains(start) {
                    number[state] = start
                }
            }
            if number[start] < 0 { number[start] = start }
        }
        return number
    }

    private func reached(from start: Int, _ follow: (Int) -> [Int]) -> Set<Int> {
        var seen: Set<Int> = []
        var queue = [start]
        while let state = queue.popLast() {
            for other in follow(state) where seen.insert(other).inserted { queue.append(other) }
        }
        return seen
    }

    /// Whether two different states of a cycle can be reached from one over one text, and lead back to it over one text.
    /// All pairs of a state with itself reach one another, so that one of them stands for all.
    private func hasTwoPaths(_ states: [Int], _ own: Set<Int>) -> Bool {
        guard states.count > 1, states.count <= RegexExplosion.mostInCycle, let first = states.first else {
            return false
        }
        let width = sets.count
        let start = first * width + first
        var comesFrom: [Int: [Int]] = [:]
        let ahead = reached(from: start) { pair in
            let found = followers(of: pair, own)
            for other in found { comesFrom[other, default: []].append(pair) }
            return found
        }
        let back = reached(from: start) { comesFrom[$0] ?? [] }
        return back.contains { $0 / width != $0 % width && ahead.contains($0) }
    }

    private func followers(of pair: Int, _ own: Set<Int>) -> [Int] {
        let width = sets.count
        var found: [Int] = []
        for left in next[pair / width].keys where own.contains(left) {
            for right in next[pair % width].keys where own.contains(right) {
                if sets[left].meets(sets[right]) { found.append(left * width + right) }
            }
        }
        return found
    }
}

extension RegexTree {
    /// Every byte that may stand in a text that it matches.
    fileprivate var union: ByteSet {
        switch self {
        case .empty, .assertion: ByteSet()
        case .bytes(let set): set
        case .atomic(let body), .loop(let body, _, _): body.union
        case .sequence(let parts), .choice(let parts):
            parts.reduce(into: ByteSet()) { $0.formUnion($1.union) }
        }
    }

    /// Whether a loop in it explodes; `before` says whether something that can fail follows.
    fileprivate func explodes(before: Bool) -> Bool {
        switch self {
        case .empty, .bytes, .assertion, .atomic: return false
        case .choice(let parts): return parts.contains { $0.explodes(before: before) }
        case .sequence(let parts):
            var canFail = before
            for part in parts.reversed() {
                if part.explodes(before: canFail) { return true }
                canFail = canFail || !part.canBeNothing
            }
            return false
        case .loop(let body, _, let most):
            if before, most.map({ $0 > 10 }) ?? true, body.hasLoopOrChoice,
                RegexExplosion.isAmbiguous(loop: body)
            {
                return true
            }
            return body.explodes(before: before)
        }
    }

    private var hasLoopOrChoice: Bool {
        switch self {
        case .empty, .bytes, .assertion, .atomic: false
        case .loop, .choice: true
        case .sequence(let parts): parts.contains(where: \.hasLoopOrChoice)
        }
    }
}
