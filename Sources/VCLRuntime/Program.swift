import HTTP1
import Kernel
package import VCL

/// A compiled program. Immutable; every event loop runs the same one.
package final class Program: Sendable {
    package let backends: [Backend]
    package let directors: [Director]
    /// The access lists that the program knows, by place; nil where the content comes from a dictionary of addresses.
    let accessLists: [(name: String, own: AccessList?)]
    /// The tables that the program knows, by place; nil where the content comes from a dictionary.
    let tables: [(name: String, own: Table?)]
    /// What runs in each state, in the order of `Scope.allCases`; nil where the program says nothing.
    private let states: [StepCode?]
    let locals: LocalCounts
    private let backendNames: [Bytes]
    package let defaultBackend: Int
    /// Holds the text of the program's literals for as long as closures refer to them.
    private let literals: LiteralPool
    /// The patterns that have no machine code yet.
    private let unprepared: Guarded<[Regex]>
    /// Set for a program that was compiled to be observed.
    package let observed: ObservedSubs?

    init(
        parts: ProgramParts, literals: LiteralPool, states: [StepCode?], locals: LocalCounts,
        observed: ObservedSubs?
    ) {
        self.observed = observed
        backends = parts.backends
        directors = parts.directors
        accessLists = parts.acls
        tables = parts.tables
        self.literals = literals
        unprepared = Guarded(parts.patterns)
        self.states = states
        self.locals = locals
        backendNames = (parts.backends.map(\.name) + parts.directors.map(\.name)).map { [literals] in
            literals.store($0)
        }
        defaultBackend = parts.backends.isEmpty ? -1 : 0
    }

    /// Makes the machine code of the patterns, so that no request waits for it. A snapshot does so before it serves.
    package func prepare() {
        unprepared.withLock { patterns in
            for pattern in patterns { pattern.prepare() }
            patterns = []
        }
    }

    /// The backend at this place, or nil for a director's.
    package func backend(at place: Int) -> Backend? {
        backends.indices.contains(place) ? backends[place] : nil
    }

    func backendName(_ index: Int) -> Bytes {
        index >= 0 && index < backendNames.count ? backendNames[index] : .notSet
    }

    /// The place of the table or dictionary of this name.
    package func tableIndex(_ name: String) -> Int? { tables.firstIndex { $0.name == name } }

    package var dictionaryNames: [String] { tables.filter { $0.own == nil }.map(\.name) }

    /// The dictionaries of addresses that the program reads as access lists.
    package var accessListNames: [String] { accessLists.filter { $0.own == nil }.map(\.name) }

    /// Runs the program's subroutine of this state; `.next` when it has none or it ended without a decision.
    package func run(_ scope: Scope, _ context: Context) -> Flow {
        let index = scope.index
        guard let code = states[index] else { return .next }
        context.scope = UInt8(index)
        context.captureSubject = .notSet
        let flow = code(context)
        return flow == .leave || flow == .breakOut || flow == .jump || flow == .fallThrough ? .next : flow
    }
}

extension Scope {
    package var index: Int {
        switch self {
        case .recv: 0
        case .hash: 1
        case .hit: 2
        case .miss: 3
        case .pass: 4
        case .fetch: 5
        case .error: 6
        case .deliver: 7
        case .log: 8
        }
    }
}

/// What a program is assembled from besides its code.
struct ProgramParts {
    var backends: [Backend] = []
    var directors: [Director] = []
    var acls: [(name: String, own: AccessList?)] = []
    var tables: [(name: String, own: Table?)] = []
    var patterns: [Regex] = []
}

/// The bytes of literals, which live as long as the pool.
final class LiteralPool: @unchecked Sendable {
    /// Bytes of one block; what is longer has one of its own.
    private static let blockSize = 4096

    private var blocks: [UnsafeMutablePointer<UInt8>] = []
    private var free = 0
    private var end: UnsafeMutablePointer<UInt8>?

    /// Called while the program is compiled, by one thread.
    func store(_ text: String) -> Bytes { text.withBytes { store($0) } }

    func store(_ bytes: [UInt8]) -> Bytes { bytes.withUnsafeBytes { store(Bytes($0)) } }

    func store(_ bytes: Bytes) -> Bytes {
        let place = room(max(1, bytes.count))
        if let start = bytes.start { place.update(from: start, count: bytes.count) }
        return Bytes(start: place, count: bytes.count)
    }

    private func room(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if let place = end, count <= free {
            end = place + count
            free -= count
            return place
        }
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, LiteralPool.blockSize))
        blocks.append(block)
        if count < LiteralPool.blockSize { (end, free) = (block + count, LiteralPool.blockSize - count) }
        return block
    }

    deinit { for block in blocks { block.deallocate() } }
}
