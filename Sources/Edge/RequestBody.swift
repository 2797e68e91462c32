import HTTP1
import Kernel
import NIOCore
import VCLRuntime

/// What a client sends behind its head, on its way to a backend: read as fast as the backend takes it, and no faster. The first
/// part is kept, so that a program that restarts may send it once more. Confined to its loop.
final class RequestBody: @unchecked Sendable {
    let framing: BodyFraming
    private let loop: any EventLoop
    private let seconds: Int64
    private var waiting: [ByteBuffer] = []
    private var waitingBytes = 0
    /// What was sent; nil when it is too much to be sent again.
    private var sent: [ByteBuffer]? = []
    private var sentBytes = 0
    private var hasFlowed = false
    /// Whether all of it has come.
    private(set) var ended = false
    /// What came behind it; a body with a length has no place for it.
    private var trailers: Trailers?
    /// Nobody wants it any more.
    private var isDiscarded = false
    private var isPaused = false
    private var sink: OriginConnection?
    private var clock: UploadClock?
    private var timer: Scheduled<Void>?

    /// Called when the client may send on.
    var resume: (() -> Void)?
    /// Called once, when it is certain that the body is wanted, for a client that waits to hear so (RFC 9110, section 10.1.1).
    var invite: (() -> Void)?
    /// Called when the body takes too long.
    var late: (() -> Void)?

    /// `seconds` is how long it may take to begin.
    init(framing: BodyFraming, on loop: any EventLoop, seconds: Int64 = OriginLimits.uploadSeconds) {
        self.framing = framing
        self.loop = loop
        self.seconds = seconds
    }

    // MARK: the client's side

    /// The request that `context` holds has this body. A client that waits to hear that it is wanted is told so by `invite`.
    func expect(of context: Context, invite: (() -> Void)?) {
        if context.req.headers.lists(.expect, token: "100-continue") { self.invite = invite }
        context.req.headers.remove(.expect)
        expect()
    }

    /// Starts the clock, unless the client waits for an invitation.
    func expect() {
        guard invite == nil, clock == nil else { return }
        clock = UploadClock(at: now, seconds: seconds)
        arm()
    }

    /// False when the client shall pause.
    func append(_ piece: ByteBuffer) -> Bool {
        // It did not wait.
        invite = nil
        expect()
        clock?.took(piece.readableBytes)
        guard !isDiscarded else { return true }
        if let sink {
            write(piece, to: sink)
            return pauses(unless: sink.isWritable)
        }
        waiting.append(piece)
        waitingBytes += piece.readableBytes
        return pauses(unless: waitingBytes < EdgeLimits.streamWindow)
    }

    private func pauses(unless mayGoOn: Bool) -> Bool {
        if !mayGoOn, !isPaused {
            isPaused = true
            clock?.pause(at: now)
            timer?.cancel()
            timer = nil
        }
        return mayGoOn
    }

    /// Once: the connection may have another request by the time that the client leaves.
    func end(_ trailers: Trailers? = nil) {
        guard !ended else { return }
        ended = true
        self.trailers = trailers
        timer?.cancel()
        timer = nil
        if let sink { finish(sink) }
    }

    /// The client has gone, or has its answer.
    func stop() {
        timer?.cancel()
        timer = nil
        sink = nil
        isDiscarded = true
        (waiting, sent) = ([], nil)
        (resume, invite, late) = (nil, nil, nil)
    }

    // MARK: the backend's side

    /// Whether what there was of it can still be sent.
    var canFlow: Bool { !hasFlowed || sent != nil }

    func flow(to connection: OriginConnection) {
        sink = connection
        let pieces = (sent ?? []) + waiting
        hasFlowed = true
        (sent, sentBytes) = ([], 0)
        (waiting, waitingBytes) = ([], 0)
        for piece in pieces { write(piece, to: connection) }
        if ended { return finish(connection) }
        let invite = invite
        self.invite = nil
        invite?()
        expect()
        goOn()
    }

    /// The backend takes more.
    func goOn() {
        guard isDiscarded || sink?.isWritable == true else { return }
        if isPaused {
            isPaused = false
            clock?.resume(at: now)
            arm()
        }
        resume?()
    }

    /// The exchange is over: what the client still sends goes nowhere, unless another one begins.
    func detach(discarding: Bool) {
        sink = nil
        guard discarding else { return }
        isDiscarded = true
        (waiting, waitingBytes) = ([], 0)
        goOn()
    }

    // MARK: parts

    private func write(_ piece: ByteBuffer, to connection: OriginConnection) {
        guard piece.readableBytes > 0 else { return }
        sentBytes += piece.readableBytes
        if sentBytes > OriginLimits.replayedBody { sent = nil } else { sent?.append(piece) }
        guard framing == .chunked else { return connection.send(body: piece) }
        var buffer = ByteBufferAllocator().buffer(capacity: piece.readableBytes + 20)
        buffer.writeString(String(piece.readableBytes, radix: 16) + "\r\n")
        buffer.writeImmutableBuffer(piece)
        buffer.writeString("\r\n")
        connection.send(body: buffer)
    }

    private func finish(_ connection: OriginConnection) {
        if framing == .chunked {
            connection.send(body: ByteBuffer(string: "0\r\n\(trailers?.text ?? "")\r\n"))
        }
        connection.endRequest()
    }

    private var now: Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

    private func arm() {
        guard !ended, timer == nil, let deadline = clock?.deadline else { return }
        let at = NIODeadline.uptimeNanoseconds(UInt64(max(0, deadline)))
        timer = loop.scheduleTask(deadline: at) { [weak self] in self?.rang() }
    }

    private func rang() {
        timer = nil
        guard !ended, let deadline = clock?.deadline else { return }
        if deadline > now { arm() } else { late?() }
    }
}
