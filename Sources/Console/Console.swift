import Foundation
package import HTTPKit
import Journey
import Kernel
import People

/// The console: pages for people, made on the server. It reads what is there, and changes things only through commands, as every
/// other door does.
package final class Console: Sendable {
    let source: any ConsoleSource
    private let closing = Guarded(false)
    private let livePages = Guarded(0)
    let bench = SimulationBench()
    /// What the next page of a session says first, by session: not in the address, where anybody could write it.
    private let notices = Guarded<[Int64: String]>([:])

    /// What was filled in and holds a secret, by a word that only its page knows: no page has the secret itself.
    private let keptProposals = Guarded<[String: (session: Int64, proposal: Proposal)]>([:])

    package init(source: any ConsoleSource) { self.source = source }

    /// What a page's form says of a proposal.
    func pageText(of proposal: Proposal, for session: Session) -> String {
        guard proposal.isSecret else { return proposal.text }
        let word = Console.keptMark + UUID().uuidString
        keptProposals.withLock { kept in
            if kept.count >= ConsoleLimits.keptProposals { kept = [:] }
            kept[word] = (session.id, proposal)
        }
        return word
    }

    /// The proposal of a page's form. Throws `Failure(.invalid)` for what is none, or was kept for too long.
    func proposal(of text: String, for session: Session) throws -> Proposal {
        if text.hasPrefix(Console.keptMark) {
            let kept = keptProposals.withLock { $0.removeValue(forKey: text) }
            guard let kept, kept.session == session.id else {
                throw Failure(.invalid, "what was filled in is not here any more", hint: "fill it in again")
            }
            return kept.proposal
        }
        guard let proposal = Proposal(text: text), !proposal.isSecret else {
            throw Failure(.invalid, "this form is not whole", hint: "go back and fill it in again")
        }
        return proposal
    }

    private static let keptMark = "kept:"

    /// Ends every live page, so that the server can end in good order.
    package func close() { closing.withLock { $0 = true } }

    var isClosing: Bool { closing.withLock { $0 } }

    /// A place among the live pages; false when there are too many.
    func enterLive() -> Bool {
        livePages.withLock { count in
            guard count < ConsoleLimits.livePages else { return false }
            count += 1
            return true
        }
    }

    func leaveLive() { livePages.withLock { $0 -= 1 } }

    func leave(notice: String, for session: Session) {
        notices.withLock { notices in
            if notices.count >= ConsoleLimits.notices { notices = [:] }
            notices[session.id] = notice
        }
    }

    func takeNotice(for session: Session) -> Notice? {
        notices.withLock { $0.removeValue(forKey: session.id) }.map { Notice(tone: "good", text: $0) }
    }

    package func respond(_ request: HTTPRequest) async -> HTTPResponse {
        var response: HTTPResponse
        do {
            response = try await route(request)
        } catch let failure as Failure {
            response = await failed(failure, request)
        } catch {
            response = await failed(Failure(.internal, "something went wrong inside"), request)
        }
        response.headers += Console.protection
        if !response.headers.contains(where: { $0.0 == "Cache-Control" }) {
            response.headers.append(("Cache-Control", "no-store"))
        }
        return response
    }

    /// Nothing from elsewhere runs, frames or reads these pages.
    private static let protection: [(String, String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.path.split(separator: "/").map(String.init)
        switch (request.method, path.first) {
        case ("GET", "assets"): return try asset(path)
        case (_, "login"): return try await login(request, path)
        case ("GET", _), ("POST", _): break
        default: throw Failure(.usage, "\(request.method) is not for pages")
        }
        guard let session = try await session(request), !session.awaitsCode else {
            let known = try await session(request) != nil
            return redirect(known ? "/login/code" : "/login")
        }
        let visit = Visit(request: request, path: path, session: session, form: try form(request, session))
        return try await page(visit)
    }

    private func page(_ visit: Visit) async throws -> HTTPResponse {
        switch (visit.request.method, visit.path.first ?? "") {
        case ("GET", ""): return try await now(visit)
        case ("GET", "live"): return try await live(visit)
        case (_, "timeline"): return try await timeline(visit)
        case ("GET", "edge"): return try await edge(visit)
        case ("GET", "dictionaries"): return try await dictionaries(visit)
        case ("POST", "change"): return try await change(visit)
        case (_, "approvals"): return try await approvals(visit)
        case (_, "vcl"): return try await vcl(visit)
        case ("GET", "calendar"): return try await calendar(visit)
        case ("GET", "rehearsals"): return try await rehearsals(visit)
        case (_, "account"): return try await account(visit)
        case (_, "commands"): return try await commands(visit)
        case ("POST", "logout"):
            try await source.endSession(visit.session.id)
            return redirect("/login")
        default:
            throw Failure(
                .notFound, "there is no page \(visit.request.path)", hint: "the pages are named above")
        }
    }

    private func asset(_ path: [String]) throws -> HTTPResponse {
        let (type, bytes): (String, [UInt8]) =
            switch path.last {
            case "console.css": ("text/css; charset=utf-8", Templates.sheet)
            case "console.js": ("text/javascript; charset=utf-8", Templates.script)
            default: throw Failure(.notFound, "there is no such file")
            }
        return HTTPResponse(
            headers: [("Content-Type", type), ("Cache-Control", "public, max-age=86400")],
            body: .data(Data(bytes)))
    }

    func redirect(_ path: String, headers: [(String, String)] = []) -> HTTPResponse {
        HTTPResponse(status: 303, headers: [("Location", path)] + headers, body: .data(Data()))
    }

    /// A failure as a page: what, and what to do about it.
    private func failed(_ failure: Failure, _ request: HTTPRequest) async -> HTTPResponse {
        let back = request.headers["referer"] == nil ? nil : "/"
        let body = Templates.render(
            "message",
            Message(headline: failure.message.sentence, lead: (failure.hint ?? "").sentence, back: back))
        let session = try? await session(request)
        return
            (try? await layout(
                "Sorry", body, session: session, status: failure.httpStatus))
            ?? HTTPResponse(status: 500, type: "text/plain", text: failure.message)
    }

    private struct Message {
        let headline: String
        let lead: String
        let back: String?
    }
}

/// One request of somebody who is known.
struct Visit: Sendable {
    let request: HTTPRequest
    let path: [String]
    let session: Session
    /// The fields of the form that was sent; empty for GET.
    let form: [String: [String]]

    /// Who asks, and from where.
    var actor: Actor {
        Actor(name: session.person, role: session.role, door: .console, address: request.clientAddress)
    }

    func field(_ name: String) -> String { form[name]?.first ?? "" }
    func query(_ name: String) -> String { request.query[name] ?? "" }
}

extension String {
    /// Our messages begin in lower case and have no full stop; a headline begins with a capital letter.
    var sentence: String { prefix(1).uppercased() + dropFirst() }
}
