import DequeModule
import HTTP1
import Kernel
import NIOCore
import NIOPosix
import NIOSSL
import Rehearsal

#if canImport(Glibc)
    import Glibc
#endif

/// The part of a load that one event loop sends: its share of the arrivals, and of the connections. A request costs one
/// write and one read; it makes no string, no task and no promise. Confined to its loop.
final class LoadLoop: @unchecked Sendable {
    /// A request that is due.
    struct Work {
        /// Nanoseconds on the loop's clock.
        let due: Int64
        let path: Int
        /// Asked before the start, to fill the cache; it counts nowhere.
        let isWarming: Bool
    }

    let plan: LoadPlan
    let loop: any EventLoop
    var tally = Tally()
    /// The head of the answer at hand, whose room serves all connections.
    var head = ResponseHead()

    private let part: Int
    private let maxConnections: Int
    private let requests: [ByteBuffer]
    private let choice: WeightedChoice
    private let tls: NIOSSLContext?
    private var random: SeededRandom
    private var schedule: ArrivalSchedule
    private var start: Int64 = .max
    private var nextDue: Int64?
    private var idle = Deque<LoadConnection>()
    private var connections: [LoadConnection] = []
    /// Connections that are asked for and not made yet.
    private var connecting = 0
    private var backlog = Deque<Work>()
    private var warming: Range<Int> = 0..<0
    private var warmed: EventLoopPromise<Void>?
    private var underWay = 0
    private var nextAddress: Int
    private var sweeping: RepeatedTask?
    private var ended = false

    init(plan: LoadPlan, loop: any EventLoop, part: Int, requests: [ByteBuffer], tls: NIOSSLContext?) {
        self.plan = plan
        self.loop = loop
        self.part = part
        self.requests = requests
        self.tls = tls
        nextAddress = part
        maxConnections = max(
            1, plan.maxConnections / plan.loops + (part < plan.maxConnections % plan.loops ? 1 : 0))
        choice = WeightedChoice(plan.mix.weights)
        random = SeededRandom(seed: plan.seed &* 31 &+ UInt64(part))
        schedule = ArrivalSchedule(
            plan.curve, spacing: plan.spacing, part: part, of: plan.loops, seed: plan.seed)
    }

    static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    // MARK: before the start

    /// Asks once for this loop's part of the paths, a few at a time.
    func warm() -> EventLoopFuture<Void> {
        let share = plan.mix.paths.count
        warming = (share * part / plan.loops)..<(share * (part + 1) / plan.loops)
        let promise = loop.makePromise(of: Void.self)
        beginSweeping()
        guard !warming.isEmpty else {
            promise.succeed()
            return promise.futureResult
        }
        warmed = promise
        let atOnce = max(1, min(RehearsalLimits.warmingAtOnce / plan.loops, maxConnections, warming.count))
        for _ in 0..<atOnce { nextWarming().map { connect($0) } }
        return promise.futureResult
    }

    private func nextWarming() -> Work? {
        guard let path = warming.first else { return nil }
        warming = warming.dropFirst()
        underWay += 1
        return Work(due: LoadLoop.now(), path: path, isWarming: true)
    }

    private func endOfWarming() {
        underWay -= 1
        guard underWay == 0, warming.isEmpty else { return }
        warmed?.succeed()
        warmed = nil
    }

    func openConnections() {
        let wanted = min(maxConnections, plan.warmConnections / plan.loops)
        while connections.count + connecting < wanted { connect(nil) }
    }

    /// Whether the connections that were to be open before the start are, or have failed to be.
    var isReady: Bool { connecting == 0 }

    // MARK: arrivals

    func begin(at start: Int64) {
        self.start = start
        beginSweeping()
        advance()
        arm()
    }

    private func advance() { nextDue = ended ? nil : schedule.next().map { $0 + start } }

    private func arm() {
        guard let nextDue else { return }
        let moment = max(nextDue, LoadLoop.now() + RehearsalLimits.coalesceNanoseconds)
        loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(moment))) { [weak self] in self?.sendDue() }
    }

    private func sendDue() {
        let now = LoadLoop.now()
        while let due = nextDue, due <= now {
            tally.due += 1
            dispatch(Work(due: due, path: choice.pick(&random), isWarming: false), now: now)
            advance()
        }
        arm()
    }

    private func dispatch(_ work: Work, now: Int64) {
        if backlog.isEmpty {
            while let connection = idle.popFirst() {
                if connection.isIdle { return send(work, on: connection, now: now) }
            }
            if connections.count + connecting < maxConnections { return connect(work) }
        }
        guard backlog.count < RehearsalLimits.backlog else { return tally.count(.crowded) }
        backlog.append(work)
    }

    private func send(_ work: Work, on connection: LoadConnection, now: Int64) {
        if !work.isWarming {
            tally.sent += 1
            tally.lateness.record(Int((now - work.due) / 1000))
        }
        connection.send(work, requests[work.path], now: now)
    }

    // MARK: connections

    private func connect(_ work: Work?) {
        connecting += 1
        let connection = LoadConnection(load: self, work: work)
        let address = plan.addresses[nextAddress % plan.addresses.count]
        nextAddress += 1
        let name = IPAddress(plan.target.address.host) == nil ? plan.target.address.host : nil
        let (tls, verifies) = (tls, plan.verifiesCertificates)
        var bootstrap = ClientBootstrap(group: loop)
        if let source = plan.source { bootstrap = bootstrap.bind(to: source) }
        bootstrap
            .connectTimeout(.nanoseconds(plan.timeout.nanoseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(
                            context: tls, serverHostname: verifies ? name : nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(to: address).assumeIsolated().whenFailure { _ in self.refused(connection) }
    }

    private func refused(_ connection: LoadConnection) {
        connecting -= 1
        if let work = connection.takeWork() { failed(work, .connect) }
        // What waited for it would wait for ever if nobody else came.
        if connections.isEmpty, connecting == 0 {
            tally.count(.connect, backlog.count)
            backlog.removeAll()
        }
    }

    func connected(_ connection: LoadConnection) {
        connecting -= 1
        connection.place = connections.count
        connections.append(connection)
        tally.connectionsMade += 1
        if let work = connection.takeWork() {
            send(work, on: connection, now: LoadLoop.now())
        } else {
            free(connection)
        }
    }

    /// It can take the next request.
    func free(_ connection: LoadConnection) {
        if let work = warmed == nil ? backlog.popFirst() : nextWarming() {
            return send(work, on: connection, now: LoadLoop.now())
        }
        idle.append(connection)
    }

    func closed(_ connection: LoadConnection) {
        guard connection.place < connections.count, connections[connection.place] === connection else {
            return
        }
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.place] = last
            last.place = connection.place
        }
        // Whoever waits needs another.
        if !ended, let work = warmed == nil ? backlog.popFirst() : nextWarming() { connect(work) }
    }

    // MARK: answers

    func answered(_ work: Work, status: Int, source: AnswerSource) {
        guard !work.isWarming else { return endOfWarming() }
        tally.answers += 1
        tally.count(status: status)
        tally.count(source, microseconds: Int((LoadLoop.now() - work.due) / 1000))
    }

    func failed(_ work: Work, _ trouble: Trouble) {
        guard !work.isWarming else { return endOfWarming() }
        tally.count(trouble)
    }

    private func beginSweeping() {
        guard sweeping == nil else { return }
        let pause = TimeAmount.milliseconds(RehearsalLimits.sweepMilliseconds)
        sweeping = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
            self?.sweep()
        }
    }

    /// One look at all connections a few times a second costs less than a timer for each request.
    private func sweep() {
        let oldest = LoadLoop.now() - plan.timeout.nanoseconds
        for connection in connections where connection.sentAt < oldest { connection.fail(.timeout) }
        while let first = backlog.first, first.due < oldest {
            backlog.removeFirst()
            tally.count(.timeout)
        }
    }

    // MARK: what is read from outside, on the loop

    struct State: Sendable {
        var tally = Tally()
        var open = 0
        var busy = 0
        var backlog = 0
        /// CPU that the loop's thread has used since its start.
        var cpuSeconds = 0.0
    }

    /// What was counted since the last call.
    func take() -> State {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        let state = State(
            // Those that closed while they were idle stay in that list until somebody looks for one.
            tally: tally, open: connections.count, busy: connections.count { $0.work != nil },
            backlog: backlog.count,
            cpuSeconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        tally = Tally()
        return state
    }

    var isDone: Bool {
        nextDue == nil && backlog.isEmpty && connecting == 0 && connections.allSatisfy { $0.work == nil }
    }

    /// No request comes after this; those under way may end.
    func stopSending() {
        ended = true
        nextDue = nil
    }

    /// What has not been answered by now will not be.
    func finish() {
        stopSending()
        sweeping?.cancel()
        tally.count(.timeout, backlog.count)
        backlog.removeAll()
        for connection in connections {
            if connection.work == nil { connection.close() } else { connection.fail(.timeout) }
        }
    }
}
