import Atomics
import Kernel
import NIOCore
import VCLRuntime

/// Asks the backends that have a probe whether they are well, all on one loop, and tells every loop which are not. A backend
/// that several snapshots have alike is one, whose past a new program does not forget.
final class HealthChecks: Sendable {
    private struct Watched {
        var window: HealthWindow
        var task: RepeatedTask?
    }

    private struct State {
        var watched: [Backend: Watched] = [:]
        var sick: Set<Backend> = []
    }

    let origins: Origins
    private let state = Guarded(State())
    /// So that nobody takes the lock while all are well.
    private let sickCount = ManagedAtomic(0)

    init(_ origins: Origins) { self.origins = origins }

    func isHealthy(_ backend: Backend) -> Bool {
        guard backend.healthCheck != nil, sickCount.load(ordering: .relaxed) > 0 else { return true }
        return !state.withLock { $0.sick.contains(backend) }
    }

    /// Watches what these programs have, and nothing else.
    func follow(_ programs: [Program], on loop: any EventLoop) {
        let wanted = Set(programs.flatMap(\.backends).filter { $0.healthCheck != nil })
        let gone = state.withLock { state -> [RepeatedTask] in
            let gone = state.watched.filter { !wanted.contains($0.key) }
            for backend in gone.keys {
                state.watched[backend] = nil
                state.sick.remove(backend)
            }
            for backend in wanted where state.watched[backend] == nil { begin(backend, on: loop, &state) }
            sickCount.store(state.sick.count, ordering: .relaxed)
            return gone.values.compactMap(\.task)
        }
        for task in gone { task.cancel() }
    }

    private func begin(_ backend: Backend, on loop: any EventLoop, _ state: inout State) {
        guard let check = backend.healthCheck else { return }
        let window = HealthWindow(check)
        if !window.isHealthy { state.sick.insert(backend) }
        let task = loop.scheduleRepeatedAsyncTask(
            initialDelay: .zero, delay: .nanoseconds(check.interval)
        ) { [self] _ in
            HealthProbe.ask(backend, check, self.origins, on: loop).map { self.record(backend, isGood: $0) }
        }
        state.watched[backend] = Watched(window: window, task: task)
    }

    private func record(_ backend: Backend, isGood: Bool) {
        state.withLock { state in
            guard state.watched[backend] != nil else { return }
            state.watched[backend]?.window.record(isGood: isGood)
            if state.watched[backend]?.window.isHealthy == true {
                state.sick.remove(backend)
            } else {
                state.sick.insert(backend)
            }
            sickCount.store(state.sick.count, ordering: .relaxed)
        }
    }
}

/// One probe: a connection of its own, which ends when the status is known or the time is over.
private final class HealthProbe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let expected: Int
    private let answer: EventLoopPromise<Bool>
    private var line = ByteBuffer()

    private init(_ expected: Int, _ answer: EventLoopPromise<Bool>) {
        self.expected = expected
        self.answer = answer
    }

    /// Whether the backend answers as it should; never fails.
    static func ask(
        _ backend: Backend, _ check: HealthCheck, _ origins: Origins, on loop: any EventLoop
    ) -> EventLoopFuture<Bool> {
        let answer = loop.makePromise(of: Bool.self)
        let late = loop.scheduleTask(in: .nanoseconds(check.timeout)) { answer.succeed(false) }
        // Waits for no connection of the program's: a backend that is full may be well.
        OriginDial.begin(backend, origins, on: loop, timeout: check.timeout) { result in
            guard case .success(let channel) = result,
                (try? channel.pipeline.syncOperations.addHandler(HealthProbe(check.expectedStatus, answer)))
                    != nil
            else { return answer.succeed(false) }
            channel.writeAndFlush(ByteBuffer(string: check.request), promise: nil)
            answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        return answer.futureResult.always { _ in late.cancel() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // "HTTP/1.1 200"; of what follows nothing is kept.
        guard line.readableBytes < 12 else { return }
        var buffer = unwrapInboundIn(data)
        line.writeBuffer(&buffer)
        guard line.readableBytes >= 12 else { return }
        let text = line.getString(at: line.readerIndex, length: 12) ?? ""
        answer.succeed(text.hasPrefix("HTTP/") && Int(text.suffix(3)) == expected)
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(false) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
