import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Store

/// The parts of pages that change by themselves, as server-sent events. Each look compares with what was sent last; nothing new,
/// nothing sent.
extension Console {
    func live(_ visit: Visit) async throws -> HTTPResponse {
        let body = try liveBody(visit)
        guard enterLive() else {
            throw Failure(
                .limit, "\(ConsoleLimits.livePages) pages are live already", hint: "this one works without")
        }
        let (events, continuation) = AsyncStream.makeStream(
            of: Data.self, bufferingPolicy: .bufferingNewest(4))
        let task = Task {
            await follow(visit, body, continuation)
            continuation.finish()
            leaveLive()
        }
        continuation.onTermination = { _ in task.cancel() }
        return HTTPResponse(
            headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
            body: .stream(events))
    }

    private func liveBody(_ visit: Visit) throws -> @Sendable () async throws -> String {
        switch visit.path.count > 1 ? visit.path[1] : "" {
        case "now": return { try await self.nowBody(visit) }
        case "edge": return { try await self.edgeBody() }
        case "rehearsals": return { try await self.rehearsalsBody() }
        case "timeline":
            let filter = filter(visit)
            return { try await self.entries(filter, for: visit.session).html }
        case "dictionaries" where visit.path.count > 2:
            let filter = changes(of: visit.path.dropFirst(2).joined(separator: "/"))
            return { try await self.entries(filter, for: visit.session).html }
        default: throw Failure(.notFound, "nothing is live at \(visit.request.path)")
        }
    }

    private func follow(
        _ visit: Visit, _ body: @Sendable () async throws -> String, _ out: AsyncStream<Data>.Continuation
    ) async {
        var last = ""
        var quiet = 0
        var looks = 0
        out.yield(Data("retry: 2000\n\n".utf8))
        while !Task.isCancelled, !isClosing {
            // Whoever was shown out sees nothing more.
            if looks % 4 == 0, !(await isStillIn(visit)) {
                out.yield(Data("event: end\ndata: end\n\n".utf8))
                return
            }
            looks += 1
            guard let text = try? await body() else { return }
            if text != last {
                last = text
                quiet = 0
                // Every kind of line break ends a field, not only ours.
                // Every kind of line break ends a field, not only ours.
                let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
                    "data: \($0)\n"
                }
                out.yield(Data(("event: page\n" + lines.joined() + "\n").utf8))
            } else {
                quiet += 1
                if quiet % 20 == 0 { out.yield(Data(": still here\n\n".utf8)) }
            }
            try? await Task.sleep(for: .milliseconds(ConsoleLimits.liveInterval))
        }
    }

    private func isStillIn(_ visit: Visit) async -> Bool {
        guard let session = try? await session(visit.request, peek: true) else { return false }
        return session.id == visit.session.id && session.role == visit.session.role && !session.awaitsCode
    }
}
