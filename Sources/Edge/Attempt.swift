import HTTP1
import Kernel
import NIOCore
import VCLRuntime

/// One try of a trial: a client without a connection, that wants to know the status and nothing of what follows it.
/// Confined to its loop.
final class Attempt: TransactionClient, @unchecked Sendable {
    private let edge: EdgeLoop
    private let promise: EventLoopPromise<Int?>
    private var transaction: Transaction?
    private var timer: Scheduled<Void>?

    private init(edge: EdgeLoop) {
        self.edge = edge
        promise = edge.loop.makePromise()
    }

    /// Sends `request` on its way under `snapshot`. The status of its answer, or nil when there is none at `deadline`.
    static func begin(
        _ request: FailedRequest, under snapshot: Snapshot, on edge: EdgeLoop, until deadline: NIODeadline
    ) -> EventLoopFuture<Int?> {
        edge.loop.flatSubmit {
            let attempt = Attempt(edge: edge)
            attempt.arm(deadline)
            attempt.start(request, under: snapshot)
            return attempt.promise.futureResult
        }
    }

    /// The timer holds the attempt, until it is answered, too late, or the loop shuts down.
    private func arm(_ deadline: NIODeadline) {
        let timer = edge.loop.scheduleTask(deadline: deadline) { self.end(nil) }
        timer.futureResult.whenFailure { _ in self.end(nil) }
        self.timer = timer
    }

    private func start(_ request: FailedRequest, under snapshot: Snapshot) {
        let context = edge.context(under: snapshot)
        let head = request.head.withUnsafeBytes { context.arena.copy($0) }
        let isWhole = (try? HeadParser.request(head, into: &context.req, overTLS: request.peer.isTLS)) != nil
        guard isWhole else { return end(nil) }
        context.arrive(from: request.peer, number: 1)
        let transaction = Transaction(edge: edge, context: context, client: self, isTrial: true)
        self.transaction = transaction
        transaction.start()
    }

    func answer(_ transaction: Transaction) { end(transaction.context.resp.status) }

    func interim(_: ResponseHead) {}

    private func end(_ status: Int?) {
        guard let timer else { return }
        self.timer = nil
        timer.cancel()
        transaction?.abandon()
        transaction = nil
        promise.succeed(status)
    }
}
