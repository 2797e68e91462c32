package import HTTP1
package import Kernel
import VCL

/// How a statement, a block or a subroutine ended.
package enum Flow: UInt8, Sendable {
    /// Go on with the next statement.
    case next
    /// `return;` out of a called subroutine.
    case leave
    case breakOut, fallThrough, jump
    case lookup, pass, hash, deliver, deliverStale, fetch, error, restart, upgrade
    /// An observer has seen enough: nothing more runs.
    case stop

    init(_ action: Action) {
        self =
            switch action {
            case .lookup: .lookup
            case .pass: .pass
            case .hash: .hash
            case .deliver: .deliver
            case .deliverStale: .deliverStale
            case .fetch: .fetch
            case .error: .error
            case .restart: .restart
            case .upgrade: .upgrade
            }
    }

    /// As `return(...)` writes it; nil for what is no state.
    package var state: String? {
        switch self {
        case .next, .leave, .breakOut, .fallThrough, .jump, .stop: nil
        case .lookup: "lookup"
        case .pass: "pass"
        case .hash: "hash"
        case .deliver: "deliver"
        case .deliverStale: "deliver_stale"
        case .fetch: "fetch"
        case .error: "error"
        case .restart: "restart"
        case .upgrade: "upgrade"
        }
    }
}

package enum CacheState: UInt8, Sendable {
    case none, hit, miss, pass, hitPass, hitStale, error, synthetic

    /// `fastly_info.state`
    package var name: StaticString {
        switch self {
        case .none: "NONE"
        case .hit: "HIT"
        case .miss: "MISS"
        case .pass: "PASS"
        case .hitPass: "HITPASS"
        case .hitStale: "HIT-STALE"
        case .error: "ERROR"
        case .synthetic: "HIT-SYNTH"
        }
    }
}

/// How long an object lives, in nanoseconds; what `beresp.ttl` and its kin read and set.
package struct Lifetime: Sendable, Hashable {
    package var ttl: Int64 = 0
    package var grace: Int64 = 0
    package var staleWhileRevalidate: Int64 = 0
    package var staleIfError: Int64 = 0
    package init() {}
}

/// Octets of one request's messages; 0 is "not counted", and the variables then measure the heads as they are.
package struct Traffic: Sendable {
    package var requestHead: Int64 = 0
    package var requestBody: Int64 = 0
    package var backendHead: Int64 = 0
    package var backendBody: Int64 = 0
    package var responseHead: Int64 = 0
    /// The client went away before the response's end.
    package var isCut = false
    package init() {}
}

/// Everything that one request's VCL reads and writes. One event loop uses it at a time, and uses it again for the next
/// request; all views in it live in its arena, in the snapshot or in the object it delivers.
///
/// What is only read and assigned whole has no check for overlapping accesses, which a hit would pay for a hundred times;
/// what is changed in place (heads, lists) has.
package final class Context {
    package let arena = Arena()
    @exclusivity(unchecked) package var snapshot: Snapshot
    package var req = RequestHead()
    package var bereq = RequestHead()
    package var beresp = ResponseHead()
    package var obj = ResponseHead()
    package var resp = ResponseHead()

    /// Nanoseconds since 1970 at which the request began.
    @exclusivity(unchecked) package var startTime: Int64 = 0
    /// Nanoseconds since 1970 of the current event loop tick; `now`.
    @exclusivity(unchecked) package var now: Int64 = 0
    @exclusivity(unchecked) package var clientAddress = IPAddress.unspecified
    @exclusivity(unchecked) package var clientPort = 0
    @exclusivity(unchecked) package var serverAddress = IPAddress.unspecified
    @exclusivity(unchecked) package var serverPort = 0
    @exclusivity(unchecked) package var clientIdentity = Bytes.notSet
    @exclusivity(unchecked) package var isTLS = false
    @exclusivity(unchecked) package var requestNumber = 0
    @exclusivity(unchecked) package var requestID: UInt64 = 0
    /// Set by the host: what the server calls itself.
    @exclusivity(unchecked) package var serverIdentity = Bytes.empty

    @exclusivity(unchecked) package var restarts = 0
    @exclusivity(unchecked) package var backend = -1
    @exclusivity(unchecked) package var hashKey = Bytes.empty
    @exclusivity(unchecked) package var hashAlwaysMiss = false
    @exclusivity(unchecked) package var hashIgnoreBusy = false
    @exclusivity(unchecked) package var isPurge = false
    /// Edges of this service that the request came through, said by the host.
    @exclusivity(unchecked) package var visits = 0
    @exclusivity(unchecked) package var isBackgroundFetch = false
    @exclusivity(unchecked) package var state = CacheState.none
    @exclusivity(unchecked) package var lifetime = Lifetime()
    @exclusivity(unchecked) package var objectLifetime = Lifetime()
    @exclusivity(unchecked) package var objectAge: Int64 = 0
    @exclusivity(unchecked) package var objectHits: Int64 = 0
    /// Nanoseconds since the object was last asked for; the host sets it with `objectAge`.
    @exclusivity(unchecked) package var objectLastUse: Int64 = 0
    /// The place of the backend that was asked, in `Program.backends`; -1 before. The host sets it once a director chose.
    @exclusivity(unchecked) package var servedBy = -1
    @exclusivity(unchecked) package var cacheable = true
    @exclusivity(unchecked) package var gzip = false
    @exclusivity(unchecked) package var esi = false
    @exclusivity(unchecked) package var doStream = false
    /// What came from the backend was kept, and the backend was asked whether what is kept is still good.
    package var (isStored, asksForChanges) = (false, false)
    /// Something stale is there that may be served after an error; what may only be served after asking is not that.
    @exclusivity(unchecked) package var staleExists = false
    @exclusivity(unchecked) package var respIsStale = false
    @exclusivity(unchecked) package var respIsStaleError = false
    @exclusivity(unchecked) package var connectTimeout: Int64 = 0
    @exclusivity(unchecked) package var firstByteTimeout: Int64 = 0
    @exclusivity(unchecked) package var betweenBytesTimeout: Int64 = 0
    @exclusivity(unchecked) package var errorStatus: Int64 = 503
    @exclusivity(unchecked) package var errorResponse = Bytes.notSet
    @exclusivity(unchecked) package var synthetic = Bytes.notSet
    @exclusivity(unchecked) package var bodyBytesWritten: Int64 = 0
    /// `fastly.error`: the name of the latest mistake of a built-in, such as EPARSENUM.
    @exclusivity(unchecked) package var lastError = Bytes.notSet
    package var logs: [Bytes] = []
    @exclusivity(unchecked) package var scope: UInt8 = 0
    /// Octets of this request's messages, as far as the host counted them.
    @exclusivity(unchecked) package var traffic = Traffic()
    /// Nanoseconds since 1970 at which vcl_deliver began; 0 before. The host sets it.
    @exclusivity(unchecked) package var deliveryTime: Int64 = 0
    /// What the host knows besides; set after `reset`, for one request.
    package var facts: (any RequestFacts)?
    /// Settings that few programs touch; nil in a request that touched none.
    package private(set) var usedExtras: RequestExtras?
    /// Watches an observed program's run; nil in what serves.
    package var observer: (any Observer)?
    /// Set by an observer to end the run at the next statement.
    @exclusivity(unchecked) package var isStopped = false

    var strings: [Bytes] = []
    var integers: [Int64] = []
    var floats: [Double] = []
    var addresses: [IPAddress] = []
    @exclusivity(unchecked) var jumpTarget = -1
    /// What a functional subroutine returned.
    var returnedString = Bytes.notSet
    var returnedInteger: Int64 = 0
    var returnedFloat: Double = 0
    var returnedAddress = IPAddress.unspecified

    let scratch = RegexScratch()
    @exclusivity(unchecked) var captureSubject = Bytes.notSet
    private var captures: [(Int, Int)] = Array(repeating: (-1, -1), count: Regex.groups)
    /// Given by the host, who draws its seed.
    package var random: SeededRandom
    /// What built-ins ask of the host.
    package var wishes = Wishes()
    /// Which entries this request counted, for the `ratecounter.NAME` variables.
    package var rates = RateMemory()

    package init(snapshot: Snapshot, random: SeededRandom) {
        self.snapshot = snapshot
        self.random = random
    }

    /// Ready for the next request on this loop.
    package func reset(snapshot: Snapshot) {
        self.snapshot = snapshot
        prepareLocals(snapshot.program.locals)
        arena.reset()
        req.reset()
        clientIdentity = .notSet
        restarts = 0
        requestNumber = 0
        visits = 0
        isPurge = false
        isBackgroundFetch = false
        if !logs.isEmpty { logs.removeAll(keepingCapacity: true) }
        if usedExtras != nil { usedExtras = nil }
        if facts != nil { facts = nil }
        traffic = Traffic()
        wishes.reset()
        rates.reset()
        resetForPass()
    }

    /// Another program answers this request, of which none has run yet.
    func change(to snapshot: Snapshot) {
        self.snapshot = snapshot
        prepareLocals(snapshot.program.locals)
        backend = snapshot.program.defaultBackend
    }

    /// What a restart forgets too.
    package func resetForPass() {
        backend = snapshot.program.defaultBackend
        hashKey = .empty
        hashAlwaysMiss = false
        hashIgnoreBusy = false
        state = .none
        lifetime = Lifetime()
        objectLifetime = Lifetime()
        (objectAge, objectHits, objectLastUse, servedBy) = (0, 0, 0, -1)
        (cacheable, gzip, esi, doStream) = (true, false, false, false)
        (staleExists, respIsStale, respIsStaleError) = (false, false, false)
        (isStored, asksForChanges) = (false, false)
        (connectTimeout, firstByteTimeout, betweenBytesTimeout) = (0, 0, 0)
        errorStatus = 503
        errorResponse = .notSet
        synthetic = .notSet
        lastError = .notSet
        captureSubject = .notSet
        deliveryTime = 0
        if let usedExtras { usedExtras.pass = RequestExtras.Pass() }
    }

    private func prepareLocals(_ counts: LocalCounts) {
        func fit<T>(_ array: inout [T], _ count: Int, _ value: T) {
            if array.count < count {
                array.append(contentsOf: repeatElement(value, count: count - array.count))
            }
        }
        fit(&strings, counts.strings, .notSet)
        fit(&integers, counts.integers, 0)
        fit(&floats, counts.floats, 0)
        fit(&addresses, counts.addresses, .unspecified)
    }

    /// The settings that few programs touch, made when first asked for. What reads them uses `usedExtras`.
    package var extras: RequestExtras {
        if let usedExtras { return usedExtras }
        let made = RequestExtras()
        usedExtras = made
        return made
    }

    // MARK: regular expressions

    /// Matches and, if it does, keeps the groups for `re.group.N`.
    func matches(_ regex: Regex, _ subject: Bytes) -> Bool {
        guard regex.match(subject, scratch) else { return false }
        captureSubject = subject
        for index in 0..<Regex.groups {
            // A group that took no part is empty; one that the pattern does not have is not set.
            captures[index] = scratch.range(index) ?? (index <= regex.groupCount ? (0, 0) : (-1, -1))
        }
        return true
    }

    /// The groups of the last match, which a called sub neither sees nor changes.
    func keepCaptures() -> Captures { Captures(subject: captureSubject, ranges: captures) }

    func restoreCaptures(_ kept: Captures) {
        captureSubject = kept.subject
        captures = kept.ranges
    }

    func group(_ index: Int) -> Bytes {
        guard captureSubject.isSet, captures[index].0 >= 0 else { return .notSet }
        return captureSubject.slice(captures[index].0, captures[index].1)
    }
}

struct Captures {
    let subject: Bytes
    let ranges: [(Int, Int)]
}

/// How many local variables a program has of each kind of storage.
struct LocalCounts: Sendable {
    var strings = 0
    var integers = 0
    var floats = 0
    var addresses = 0

    /// The place of one variable more; nil for a type that none has.
    mutating func place(for type: ValueType) -> Int? {
        switch type {
        case .string:
            strings += 1
            return strings - 1
        case .bool, .integer, .time, .rtime, .backend:
            integers += 1
            return integers - 1
        case .float:
            floats += 1
            return floats - 1
        case .ip:
            addresses += 1
            return addresses - 1
        case .acl, .table, .regex, .id, .void: return nil
        }
    }
}
