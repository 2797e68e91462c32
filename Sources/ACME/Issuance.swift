package import Crypto
import Kernel

/// What is asked of an authority.
package struct IssuancePlan: Sendable {
    /// The directory's address.
    package let directory: String
    package let host: ACMEHost
    /// Addresses such as `mailto:ops@example.org`.
    package let contacts: [String]
    package let external: ExternalAccount?
    /// The account's address, when there is one already.
    package var account: String?

    package init(
        directory: String, host: ACMEHost, contacts: [String] = [], external: ExternalAccount? = nil,
        account: String? = nil
    ) {
        self.directory = directory
        self.host = host
        self.contacts = contacts
        self.external = external
        self.account = account
    }
}

/// One certificate on its way from an authority (RFC 8555) for one host, by the challenge http-01. Whoever performs it sends
/// what a step says, gives the answer back, and lets `answers` be read over HTTP meanwhile:
///
///     directory -> (nonce) -> account -> order -> authorization -> challenge -> authorization ... -> order ... -> finalize
///     -> order ... -> certificate
///
/// Time comes with the answers; keys are made by the caller.
package struct Issuance: Sendable {
    package enum Step: Sendable {
        case send(ACMERequest)
        /// Then `resume`.
        case wait(seconds: Int)
        case issued(IssuedCertificate)
    }

    /// What a request is for, and what its answer is read as.
    enum Purpose: Sendable, Equatable {
        case directory, account, order, authorization, challenge(String), validation, readiness, finalization
        case issuing, certificate(String)
    }

    private let plan: IssuancePlan
    private let key: AccountKey
    private let certificateKey: P256.Signing.PrivateKey
    private var purpose = Purpose.directory
    /// The answer that is awaited is a nonce for `purpose`.
    private var wantsNonce = false
    private var nonce: String?
    private var nonceTries = 0
    private var polls = 0
    private var directory = Directory()
    private var order = Order()
    /// The account's address. Worth keeping: the next issuance need not ask for it.
    package private(set) var account: String?
    /// What `/.well-known/acme-challenge/TOKEN` answers, by tokens.
    package private(set) var answers: [String: String] = [:]

    package init(
        _ plan: IssuancePlan, account key: AccountKey, certificateKey: P256.Signing.PrivateKey
    ) {
        self.plan = plan
        self.key = key
        self.certificateKey = certificateKey
        account = plan.account
    }

    /// The first step.
    package func begin() -> Step { .send(ACMERequest(.get, plan.directory)) }

    /// The terms that a new account agrees to; known once the directory is.
    package var terms: String? { directory.terms }

    // MARK: asking

    private mutating func ask(_ next: Purpose) throws(Failure) -> Step {
        if next != purpose { nonceTries = 0 }
        purpose = next
        guard let nonce else {
            wantsNonce = true
            return .send(ACMERequest(.head, directory.newNonce))
        }
        self.nonce = nil
        let (url, payload) = try message(next)
        var head: [JSONMember] = [
            JSONMember("alg", "ES256"), JSONMember("nonce", .string(nonce)), JSONMember("url", .string(url)),
        ]
        if next != .account, let account {
            head.append(JSONMember("kid", .string(account)))
        } else {
            head.append(JSONMember("jwk", key.jwk))
        }
        let body = try key.signed(payload, protected: .object(head))
        var request = ACMERequest(.post, url, body: body)
        if case .certificate = next { request.accept = "application/pem-certificate-chain" }
        return .send(request)
    }

    /// Where a request goes and what it says; nil for one that only asks.
    private func message(_ purpose: Purpose) throws(Failure) -> (String, JSONValue?) {
        switch purpose {
        case .directory: (plan.directory, nil)
        case .account: (directory.newAccount, newAccount())
        case .order:
            (
                directory.newOrder,
                ["identifiers": [["type": "dns", "value": .string(plan.host.description)]]]
            )
        case .authorization, .validation: (order.authorizations.first ?? "", nil)
        case .challenge(let url): (url, .object([JSONMember]()))
        case .readiness, .issuing: (order.url, nil)
        case .finalization:
            (order.finalize, ["csr": .string(try SigningRequest.text(for: plan.host, certificateKey))])
        case .certificate(let url): (url, nil)
        }
    }

    private func newAccount() -> JSONValue {
        var members = [JSONMember("termsOfServiceAgreed", true)]
        if !plan.contacts.isEmpty {
            members.append(JSONMember("contact", .array(plan.contacts.map { .string($0) })))
        }
        if let external = plan.external {
            let binding = external.binding(of: key, at: directory.newAccount)
            members.append(JSONMember("externalAccountBinding", binding))
        }
        return .object(members)
    }

    // MARK: answers

    /// What follows from the answer to the request of the last step. `now` is in seconds since 1970.
    package mutating func receive(_ response: ACMEResponse, now: Int64) throws(IssuanceError) -> Step {
        do throws(Failure) {
            nonce = response.nonce ?? nonce
            if wantsNonce { return try receiveNonce(response) }
            guard response.isGood else { return try recover(from: response) }
            return try advance(response, now)
        } catch {
            // One that is over must not look as if it still were under way.
            answers = [:]
            throw IssuanceError(error, retryAfter: response.isGood ? nil : response.retryAfter(now: now))
        }
    }

    /// After a wait.
    package mutating func resume() throws(IssuanceError) -> Step {
        do throws(Failure) { return try ask(purpose) } catch { throw IssuanceError(error) }
    }

    private mutating func receiveNonce(_ response: ACMEResponse) throws(Failure) -> Step {
        wantsNonce = false
        guard response.isGood, nonce != nil else {
            throw Problem(response).failure(
                "gives no nonce", host: plan.host.description, status: response.status)
        }
        return try ask(purpose)
    }

    private mutating func recover(from response: ACMEResponse) throws(Failure) -> Step {
        let problem = Problem(response)
        if problem.type == "badNonce", nonceTries < ACMELimits.nonceTries {
            nonceTries += 1
            return try ask(purpose)
        }
        if problem.type == "accountDoesNotExist", purpose == .order, account != nil {
            account = nil
            return try ask(.account)
        }
        throw problem.failure(
            Issuance.refusals(purpose), host: plan.host.description, status: response.status,
            at: purpose == .account && plan.external != nil ? .externalAccount : .other)
    }

    private static func refusals(_ purpose: Purpose) -> String {
        switch purpose {
        case .directory: "shows no directory"
        case .account: "gives no account"
        case .order: "takes no order"
        case .authorization, .challenge, .validation: "does not go on with its validation"
        case .readiness, .finalization, .issuing, .certificate: "does not issue"
        }
    }

    private mutating func advance(_ response: ACMEResponse, _ now: Int64) throws(Failure) -> Step {
        if case .certificate = purpose {
            let text = String(decoding: response.body, as: UTF8.self)
            return .issued(
                try IssuedCertificate(pem: text, for: plan.host, certificateKey.publicKey, now: now))
        }
        let json = try JSONReader.read(response.body, name: "the authority's answer")
        switch purpose {
        case .directory:
            directory = try Directory(json, at: plan.directory)
            if directory.wantsExternalAccount, account == nil, plan.external == nil {
                throw Problem(["type": "externalAccountRequired"]).failure(
                    "gives accounts only to those it knows", host: plan.host.description)
            }
            return try ask(account == nil ? .account : .order)
        case .account: return try receiveAccount(json, response)
        case .order:
            order = try Order(json, response.headers["location"], directory)
            return try nextAuthorization()
        case .authorization, .validation: return try receiveAuthorization(json, response, now)
        case .challenge:
            polls = 0
            return pause(response, now, then: .validation)
        case .readiness, .finalization, .issuing: return try receiveOrder(json, response, now)
        case .certificate: preconditionFailure("a certificate is no JSON")
        }
    }

    private mutating func receiveAccount(_ json: JSONValue, _ response: ACMEResponse) throws(Failure) -> Step
    {
        let status = json["status"]?.string ?? "valid"
        guard status == "valid" else {
            throw Failure(
                .refused, "the account at the authority is \(status)",
                hint: "move account.key away, and a new account is made")
        }
        account = try directory.checked(response.headers["location"], "of an account")
        return try ask(.order)
    }

    private mutating func nextAuthorization() throws(Failure) -> Step {
        polls = 0
        return try ask(order.authorizations.isEmpty ? .readiness : .authorization)
    }

    private mutating func receiveAuthorization(
        _ json: JSONValue, _ response: ACMEResponse, _ now: Int64
    ) throws(Failure) -> Step {
        let authorization = Authorization(json)
        switch authorization.status {
        case "valid":
            order.authorizations.removeFirst()
            answers = [:]
            return try nextAuthorization()
        case "pending" where purpose == .authorization:
            let challenge = try authorization.challenge(directory, host: plan.host.description)
            answers[challenge.token] = key.authorization(of: challenge.token)
            return try ask(.challenge(challenge.url))
        case "pending":
            return try poll(response, now, then: .validation)
        default:
            throw authorization.problem.failure(
                "could not validate \(plan.host)", host: plan.host.description, at: .validation)
        }
    }

    private mutating func receiveOrder(
        _ json: JSONValue, _ response: ACMEResponse, _ now: Int64
    ) throws(Failure) -> Step {
        let wasFinalized = purpose != .readiness
        switch json["status"]?.string ?? "" {
        case "ready" where !wasFinalized:
            polls = 0
            return try ask(.finalization)
        case "valid":
            let url = try directory.checked(json["certificate"]?.string, "of the certificate")
            return try ask(.certificate(url))
        case "pending", "ready", "processing":
            return try poll(response, now, then: wasFinalized ? .issuing : .readiness)
        default:
            throw Problem(json["error"] ?? .null).failure(
                "does not issue for \(plan.host)", host: plan.host.description)
        }
    }

    // MARK: waiting

    private mutating func poll(
        _ response: ACMEResponse, _ now: Int64, then next: Purpose
    ) throws(Failure) -> Step {
        guard polls < ACMELimits.polls else {
            throw Failure(
                .unavailable, "the authority has not decided about \(plan.host) in time",
                hint: "it is tried again by itself")
        }
        return pause(response, now, then: next)
    }

    private mutating func pause(_ response: ACMEResponse, _ now: Int64, then next: Purpose) -> Step {
        let own = min(ACMELimits.longestPollSeconds, ACMELimits.firstPollSeconds << min(polls, 6))
        polls += 1
        if next != purpose { nonceTries = 0 }
        purpose = next
        let asked = max(response.retryAfter(now: now) ?? own, ACMELimits.firstPollSeconds)
        return .wait(seconds: min(asked, ACMELimits.longestPollSeconds))
    }
}
