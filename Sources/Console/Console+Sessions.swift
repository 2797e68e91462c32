import CampaignFile
import Foundation
import HTTPKit
import Journey
import Kernel
import People
import Store

/// Logging in and out, and what keeps other sites from acting in somebody's name.
extension Console {
    private static let cookie = "hq_session"

    func session(_ request: HTTPRequest, peek: Bool = false) async throws -> Session? {
        let pairs = (request.headers["cookie"] ?? "").split(separator: ";").map {
            $0.trimmingCharacters(in: .whitespaces).split(separator: "=", maxSplits: 1).map(String.init)
        }
        guard let secret = pairs.first(where: { $0.count == 2 && $0[0] == Console.cookie })?[1] else {
            return nil
        }
        return try await source.session(secret: secret, peek: peek)
    }

    /// The form's fields, if it is this session's own. Another site can neither know the token nor fake where it comes from.
    func form(_ request: HTTPRequest, _ session: Session) throws -> [String: [String]] {
        guard request.method == "POST" else { return [:] }
        try requireOwnOrigin(request)
        let fields = try Console.fields(request)
        guard fields["form"]?.first == session.formToken else {
            throw Failure(
                .forbidden, "this form is not of this session", hint: "load the page again and repeat it")
        }
        return fields
    }

    private func requireOwnOrigin(_ request: HTTPRequest) throws {
        guard let origin = request.headers["origin"], origin != "null" else {
            if request.headers["sec-fetch-site"].map({ $0 == "same-origin" || $0 == "none" }) ?? true {
                return
            }
            throw Failure(.forbidden, "this form came from another site")
        }
        let host = origin.split(separator: "/").last.map(String.init) ?? ""
        guard host == request.headers["host"] else {
            throw Failure(.forbidden, "this form came from another site")
        }
    }

    static func fields(_ request: HTTPRequest) throws -> [String: [String]] {
        guard request.body.count <= ConsoleLimits.formBytes else {
            throw Failure(.limit, "a form has at most \(ByteCount(ConsoleLimits.formBytes))")
        }
        var fields: [String: [String]] = [:]
        for pair in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            fields[parts[0], default: []].append(parts.count > 1 ? parts[1] : "")
        }
        return fields
    }

    // MARK: pages

    private struct LoginPage {
        let headline: String
        let lead: String
        var link: String?
        var askCode = false
        var form = ""
    }

    func login(_ request: HTTPRequest, _ path: [String]) async throws -> HTTPResponse {
        switch (request.method, path.count > 1 ? path[1] : "") {
        case ("GET", ""): return try await offer(request)
        case ("POST", ""): return try await open(request)
        case ("GET", "code"): return try await askForCode(request, problem: nil)
        case ("POST", "code"):
            guard let session = try await session(request) else { return redirect("/login") }
            let code = try form(request, session)["code"]?.first ?? ""
            do {
                try await source.confirm(session, code: code)
                return redirect("/")
            } catch let failure as Failure where failure.kind == .unauthenticated {
                return try await askForCode(request, problem: failure)
            }
        default: throw Failure(.notFound, "there is no page \(request.path)")
        }
    }

    /// A link is used up by a click, not by a look: programs that look at links in messages would use it up.
    private func offer(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let session = try await session(request), request.query["link"] == nil {
            return redirect(session.awaitsCode ? "/login/code" : "/")
        }
        let now = Date().milliseconds
        guard let link = request.query["link"] else {
            return try await login(
                LoginPage(
                    headline: "Who are you?",
                    lead:
                        "You come in by a link that is good once. In the campaign's folder, “hq login” makes one; else ask an admin for one."
                ), status: 401)
        }
        guard let person = try source.store.read({ try People.person(ofLink: link, now: now, in: $0) }) else {
            return try await login(
                LoginPage(
                    headline: "This link is no longer good",
                    lead:
                        "It was used already, or is older than a quarter of an hour. “hq login” makes another."
                ),
                status: 401)
        }
        return try await login(
            LoginPage(headline: "Hello \(person)", lead: "This opens a session on this device.", link: link))
    }

    private func open(_ request: HTTPRequest) async throws -> HTTPResponse {
        try requireOwnOrigin(request)
        let link = try Console.fields(request)["link"]?.first ?? ""
        guard let secret = try await source.openSession(link: link, address: request.clientAddress) else {
            return redirect(
                "/login?link=" + (link.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""))
        }
        // Behind TLS the cookie never leaves it; on this machine's own address there is none.
        let isSecure = request.headers["x-forwarded-proto"] == "https"
        let cookie =
            "\(Console.cookie)=\(secret); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(SessionLimits.life / 1000)"
            + (isSecure ? "; Secure" : "")
        return redirect("/", headers: [("Set-Cookie", cookie)])
    }

    private func askForCode(_ request: HTTPRequest, problem: Failure?) async throws -> HTTPResponse {
        guard let session = try await session(request) else {
            return redirect("/login")
        }
        guard session.awaitsCode else { return redirect("/") }
        let page = LoginPage(
            headline: problem == nil ? "One more thing" : (problem?.message ?? "").sentence,
            lead: problem?.hint?.sentence ?? "Your second factor, please.", askCode: true,
            form: session.formToken)
        return try await login(page, status: problem == nil ? 200 : 401)
    }

    private func login(_ page: LoginPage, status: Int = 200) async throws -> HTTPResponse {
        try await layout("Log in", Templates.render("login", page), session: nil, status: status)
    }

    // MARK: the account

    private struct AccountPage {
        struct Offer {
            let secret: String
            let link: String
            let code: String
        }
        struct Row {
            let id: Int64
            let since: String
            let seen: String
            let address: String
            let isThis: Bool
        }
        let name: String
        let lead: String
        let form: String
        let offer: Offer?
        let sessions: [Row]
        let retention: String
    }

    func account(_ visit: Visit) async throws -> HTTPResponse {
        let session = visit.session
        if visit.request.method == "POST" {
            switch visit.path.last {
            case "factor":
                try await source.confirm(session, code: visit.field("code"))
                return redirect("/account")
            case "end":
                let own = try ownSessions(session)
                guard let id = Int64(visit.field("id")), own.contains(where: { $0.id == id }) else {
                    throw Failure(.notFound, "this session has ended already")
                }
                try await source.endSession(id)
                return redirect("/account")
            default: throw Failure(.notFound, "there is no page \(visit.request.path)")
            }
        }
        let facts = try await source.facts()
        let local = LocalTime(facts.campaign.timeZone)
        let page = AccountPage(
            name: session.person, lead: Console.standing(session), form: session.formToken,
            offer: try await factorOffer(session),
            sessions: try ownSessions(session).map {
                AccountPage.Row(
                    id: $0.id, since: local.stamp($0.created), seen: local.stamp($0.seen),
                    address: $0.address,
                    isThis: $0.id == session.id)
            }, retention: facts.campaign.addressRetention.brief)
        return try await layout(
            session.person, Templates.render("account", page), session: session, command: "hq people sessions"
        )
    }

    private func factorOffer(_ session: Session) async throws -> AccountPage.Offer? {
        guard !session.hasFactor, session.fullRole >= .operator else { return nil }
        let offer = try await source.offerFactor(to: session)
        let groups = stride(from: 0, to: offer.secret.count, by: 4).map {
            String(offer.secret.dropFirst($0).prefix(4))
        }
        return AccountPage.Offer(
            secret: groups.joined(separator: " "), link: offer.link, code: QRCode.svg(of: offer.link))
    }

    private func ownSessions(_ session: Session) throws -> [Session] {
        let now = Date().milliseconds
        return try source.store.read { try People.sessions(now: now, in: $0) }.filter {
            $0.person == session.person
        }
    }

    private static func standing(_ session: Session) -> String {
        guard session.fullRole != session.role else { return "You are \(session.role.article)." }
        return
            "You are \(session.fullRole.article), but in this session you may do no more than \(session.role.article), until you have a second factor."
    }
}

extension Role {
    var article: String { (self == .viewer ? "a " : "an ") + rawValue }
}
