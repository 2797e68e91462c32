import HTTP1
import Kernel
package import VCL

/// A compiled program. Immutable; every event loop runs the same one.
package final class Program: Sendable {
    package let backends: [Backend]
    package let directors: [Director]
    package let acls: [AccessList]
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
        acls = parts.acls
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

    /// Whether the ACL in this place holds the address; a place that no ACL has holds none.
    func allows(_ list: Int64, _ address: IPAddress) -> Bool {
        list >= 0 && list < acls.count && acls[Int(list)].contains(address)
    }

    /// The place of the table or dictionary of this name.
    package func tableIndex(_ name: String) -> Int? { tables.firstIndex { $0.name == name } }

    package var dictionaryNames: [String] { tables.filter { $0.own == nil }.map(\.name) }

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
    var acls: [AccessList] = []
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

/// What a request runs against from beginning to end: a program and the dictionaries of one moment.
package final class Snapshot: Sendable {
    /// Counts up with every change; edges and control speak of snapshots by it.
    package let number: Int64
    package let program: Program
    private let tables: [Table]
    /// Counts outlive snapshots: whoever makes the next one from another program hands them on.
    package let rateLimits: RateLimits
    /// Set while only what the cache has is served.
    package let shedding: ShedRule?

    /// A dictionary that the program names and `dictionaries` lacks is empty.
    package init(
        number: Int64, program: Program, dictionaries: [String: Table] = [:],
        rateLimits: RateLimits = RateLimits(), shedding: ShedRule? = nil
    ) {
        self.shedding = shedding
        program.prepare()
        self.number = number
        self.program = program
        self.rateLimits = rateLimits
        tables = program.tables.map { $0.own ?? dictionaries[$0.name] ?? Table(name: $0.name, entries: []) }
    }

    /// The same under another number.
    package init(number: Int64, like other: Snapshot) {
        self.number = number
        program = other.program
        rateLimits = other.rateLimits
        shedding = other.shedding
        tables = other.tables
    }

    /// The same with another rule of what is fetched; nil for none.
    package init(number: Int64, shedding: ShedRule?, in other: Snapshot) {
        self.number = number
        program = other.program
        rateLimits = other.rateLimits
        self.shedding = shedding
        tables = other.tables
    }

    /// The same for a run that shall leave no trace: it counts in rates of its own.
    package init(aside other: Snapshot) {
        number = other.number
        program = other.program
        rateLimits = RateLimits()
        shedding = other.shedding
        tables = other.tables
    }

    /// The same program with one dictionary replaced.
    package init(number: Int64, replacing table: Table, in other: Snapshot) {
        self.number = number
        program = other.program
        rateLimits = other.rateLimits
        shedding = other.shedding
        tables = other.tables.map { $0.name == table.name ? table : $0 }
    }

    package func table(_ index: Int) -> Table { tables[index] }

    /// The same with one table, by place, replaced.
    init(replacing place: Int, with table: Table, in other: Snapshot) {
        number = other.number
        program = other.program
        rateLimits = other.rateLimits
        shedding = other.shedding
        tables = other.tables.indices.map { $0 == place ? table : other.tables[$0] }
    }
}
