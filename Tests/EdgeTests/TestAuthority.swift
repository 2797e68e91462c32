import Crypto
import Foundation
import HTTPKit
import Kernel
import NIOSSL
import SwiftASN1
import X509

@testable import ACME
@testable import Edge

/// A small authority that speaks ACME (RFC 8555) over real sockets: it checks signatures, nonces, addresses and keys, looks for
/// challenges over HTTP, and issues certificates of its own root.
actor TestAuthority {
    private(set) var url = ""
    private var serving: Task<Void, any Error>?
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    let root: Certificate

    private var nonces: Set<String> = []
    private var accounts: [String: P256.Signing.PublicKey] = [:]
    private var orders: [Order] = []

    // MARK: what a test may say

    /// Where names lead.
    private var edgePort = 0
    /// Good nonces that are refused all the same.
    private var refusedNonces = 0
    /// What a new order is answered with, instead of an order.
    private var refusal: (type: String, status: Int, retryAfter: String)?
    /// Seconds before and behind now, of what is issued.
    private var validity: (before: Int64, after: Int64) = (3600, 90 * 86_400)
    /// The token that is looked for is another than the one that was handed out.
    private var looksElsewhere = false

    // MARK: what a test may ask

    private(set) var issued = 0
    private(set) var badNonces = 0
    /// Each challenge's target and what answered there.
    private(set) var looks: [(target: String, status: Int, body: String)] = []
    var accountCount: Int { accounts.count }

    private struct Order {
        let host: String
        let token = Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255) })
        let account: String
        var isValid: Bool?
        /// Looks at the order since it was finalized.
        var looks = 0
        var chain: String?
    }

    init() throws {
        name = try DistinguishedName {
            OrganizationName("Test Authority")
            CommonName("Root")
        }
        let now = Date()
        root = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: now - 365 * 86_400, notValidAfter: now + 365 * 86_400, issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            }, issuerPrivateKey: .init(key))
    }

    /// What a client has to trust.
    nonisolated func trusted() throws -> [NIOSSLCertificate] {
        try NIOSSLCertificate.fromPEMBytes(Array(root.serializeAsPEM().pemString.utf8))
    }

    func start() async throws {
        let (stream, ready) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(address: HostPort(host: "127.0.0.1", port: 0)) { await self.answer($0) }
        serving = Task { try await server.run(handlesSignals: false) { ready.yield($0) } }
        for await port in stream {
            url = "http://127.0.0.1:\(port)"
            break
        }
    }

    func end() async {
        serving?.cancel()
        _ = await serving?.result
    }

    func lead(toPort port: Int) { edgePort = port }
    func refuseNonces(_ count: Int) { refusedNonces = count }
    func refuse(_ type: String, status: Int, retryAfter: String) { refusal = (type, status, retryAfter) }
    func accept() { refusal = nil }
    func issue(before: Int64, after: Int64) { validity = (before, after) }
    func lookElsewhere(_ elsewhere: Bool) { looksElsewhere = elsewhere }
    func forgetAccounts() { accounts = [:] }

    // MARK: the protocol

    private struct Refusal: Error {
        let type: String
        var status = 400
        var detail = ""
        var headers: [(String, String)] = []
    }

    private func nonce() -> (String, String) {
        let made = Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        nonces.insert(made)
        return ("Replay-Nonce", made)
    }

    private func json(_ value: JSONValue, status: Int = 200, _ headers: [(String, String)] = [])
        -> HTTPResponse
    {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json"), nonce()] + headers,
            body: .data(Data(value.text.utf8)))
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        do {
            switch (request.method, request.path) {
            case ("GET", "/directory"):
                return HTTPResponse(
                    type: "application/json",
                    text: ([
                        "newNonce": .string(url + "/nonce"), "newAccount": .string(url + "/account"),
                        "newOrder": .string(url + "/order"),
                        "meta": ["termsOfService": "https://ca.test/terms"],
                    ] as JSONValue).text)
            case ("HEAD", "/nonce"):
                return HTTPResponse(status: 200, headers: [nonce()], body: .data(Data()))
            case ("POST", _): return try await carryOut(try open(request))
            default: throw Refusal(type: "malformed", status: 404)
            }
        } catch {
            let refusal =
                error as? Refusal ?? Refusal(type: "serverInternal", status: 500, detail: "\(error)")
            return json(
                [
                    "type": .string("urn:ietf:params:acme:error:" + refusal.type),
                    "detail": .string(refusal.detail),
                ], status: refusal.status, refusal.headers)
        }
    }

    private struct Message {
        let path: String
        let account: String
        let payload: JSONValue?
        /// For a new account.
        let jwk: JSONValue?
    }

    /// Checks all that section 6 wants.
    private func open(_ request: HTTPRequest) throws -> Message {
        guard request.headers["content-type"] == "application/jose+json",
            request.headers["user-agent"]?.isEmpty == false
        else { throw Refusal(type: "malformed", status: 415) }
        let body = try JSONReader.read(Array(request.body), name: "message")
        guard let head = body["protected"]?.string, let payload = body["payload"]?.string,
            let signature = body["signature"]?.string.flatMap({ Base64URL.decode($0) }),
            let said = try Base64URL.decode(head).map({ try JSONReader.read($0, name: "head") }),
            said["alg"] == "ES256", said["url"]?.string == url + request.path
        else { throw Refusal(type: "malformed", detail: "head or address") }
        let key: P256.Signing.PublicKey
        if request.path == "/account" {
            guard said["kid"] == nil, let jwk = said["jwk"] else { throw Refusal(type: "malformed") }
            key = try TestAuthority.key(jwk)
        } else {
            guard said["jwk"] == nil, let known = accounts[said["kid"]?.string ?? ""] else {
                throw Refusal(type: "accountDoesNotExist")
            }
            key = known
        }
        guard
            key.isValidSignature(
                try P256.Signing.ECDSASignature(rawRepresentation: signature),
                for: Data("\(head).\(payload)".utf8))
        else { throw Refusal(type: "unauthorized", status: 403, detail: "signature") }
        try use(said["nonce"]?.string ?? "")
        return Message(
            path: request.path, account: said["kid"]?.string ?? "",
            payload: payload.isEmpty
                ? nil : try JSONReader.read(Base64URL.decode(payload) ?? [], name: "payload"),
            jwk: said["jwk"])
    }

    private func use(_ nonce: String) throws {
        let isGood = nonces.remove(nonce) != nil
        if !isGood || refusedNonces > 0 {
            refusedNonces = max(0, refusedNonces - 1)
            badNonces += 1
            throw Refusal(type: "badNonce", detail: "used or unknown")
        }
    }

    private static func key(_ jwk: JSONValue) throws -> P256.Signing.PublicKey {
        let x = jwk["x"]?.string.flatMap { Base64URL.decode($0) } ?? []
        let y = jwk["y"]?.string.flatMap { Base64URL.decode($0) } ?? []
        return try P256.Signing.PublicKey(rawRepresentation: x + y)
    }

    private func carryOut(_ message: Message) async throws -> HTTPResponse {
        let parts = message.path.split(separator: "/").map(String.init)
        switch (parts.first, parts.count > 1 ? Int(parts[1]) : nil, parts.count > 2 ? parts[2] : nil) {
        case ("account", nil, _): return try newAccount(message)
        case ("order", nil, _): return try newOrder(message)
        case ("order", let number?, nil): return try order(number)
        case ("order", let number?, "finalize"): return try finalize(number, message)
        case ("authorization", let number?, _): return authorization(number)
        case ("challenge", let number?, _):
            try await look(number)
            return json(["type": "http-01", "status": "processing"])
        case ("certificate", let number?, _):
            return HTTPResponse(
                headers: [("Content-Type", "application/pem-certificate-chain"), nonce()],
                body: .data(Data((orders[number].chain ?? "").utf8)))
        default: throw Refusal(type: "malformed", status: 404)
        }
    }

    private func newAccount(_ message: Message) throws -> HTTPResponse {
        guard message.payload?["termsOfServiceAgreed"] == true, let jwk = message.jwk else {
            throw Refusal(type: "userActionRequired", status: 403)
        }
        let made = url + "/account/\(accounts.count + 1)"
        accounts[made] = try TestAuthority.key(jwk)
        return json(["status": "valid"], status: 201, [("Location", made)])
    }

    private func newOrder(_ message: Message) throws -> HTTPResponse {
        if let refusal {
            throw Refusal(
                type: refusal.type, status: refusal.status, detail: "not now",
                headers: [("Retry-After", refusal.retryAfter)])
        }
        guard let identifiers = message.payload?["identifiers"]?.elements, identifiers.count == 1,
            identifiers[0]["type"] == "dns", let host = identifiers[0]["value"]?.string
        else { throw Refusal(type: "malformed") }
        orders.append(Order(host: host, account: message.account))
        return json(shown(orders.count - 1), status: 201, [("Location", url + "/order/\(orders.count - 1)")])
    }

    private func shown(_ number: Int) -> JSONValue {
        let order = orders[number]
        var status = "pending"
        if order.isValid == true { status = "ready" }
        if order.isValid == false { status = "invalid" }
        // It takes a while to issue.
        if order.chain != nil { status = order.looks > 0 ? "valid" : "processing" }
        return [
            "status": .string(status), "authorizations": [.string(url + "/authorization/\(number)")],
            "finalize": .string(url + "/order/\(number)/finalize"),
            "certificate": .string(url + "/certificate/\(number)"),
        ]
    }

    private func order(_ number: Int) throws -> HTTPResponse {
        if orders[number].chain != nil { orders[number].looks += 1 }
        return json(shown(number))
    }

    private func authorization(_ number: Int) -> HTTPResponse {
        let order = orders[number]
        let status = order.isValid.map { $0 ? "valid" : "invalid" } ?? "pending"
        var challenge: [JSONMember] = [
            JSONMember("type", "http-01"), JSONMember("token", .string(order.token)),
            JSONMember("url", .string(url + "/challenge/\(number)")), JSONMember("status", .string(status)),
        ]
        if order.isValid == false {
            challenge.append(
                JSONMember(
                    "error",
                    [
                        "type": "urn:ietf:params:acme:error:unauthorized",
                        "detail": .string("\(looks.last?.status ?? 0) at \(order.host)"),
                    ]))
        }
        return json(["status": .string(status), "challenges": [.object(challenge)]])
    }

    private func look(_ number: Int) async throws {
        let order = orders[number]
        let token = looksElsewhere ? String(order.token.reversed()) : order.token
        let target = "/.well-known/acme-challenge/\(token)"
        let client = try await ScenarioClient(port: edgePort)
        let answer = try await client.get(target)
        try await client.close()
        looks.append((target, answer.status, answer.body))
        guard let account = accounts[order.account] else { throw Refusal(type: "accountDoesNotExist") }
        let point = account.rawRepresentation
        let (x, y) = (Base64URL.encode(point.prefix(32)), Base64URL.encode(point.suffix(32)))
        let thumbprint = Base64URL.encode(
            SHA256.hash(data: Data("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"\(x)\",\"y\":\"\(y)\"}".utf8)))
        orders[number].isValid = answer.status == 200 && answer.body == "\(order.token).\(thumbprint)"
    }

    private func finalize(_ number: Int, _ message: Message) throws -> HTTPResponse {
        guard orders[number].isValid == true else { throw Refusal(type: "orderNotReady", status: 403) }
        guard let text = message.payload?["csr"]?.string, let bytes = Base64URL.decode(text) else {
            throw Refusal(type: "badCSR")
        }
        let request = try CertificateSigningRequest(derEncoded: bytes)
        let asked = try request.attributes.extensionRequest?.extensions.subjectAlternativeNames
        guard request.publicKey.isValidSignature(request.signature, for: request),
            asked == SubjectAlternativeNames([.dnsName(orders[number].host)])
        else { throw Refusal(type: "badCSR", detail: "\(String(describing: asked))") }
        let now = Date()
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: request.publicKey,
            notValidBefore: now - Double(validity.before), notValidAfter: now + Double(validity.after),
            issuer: name, subject: try DistinguishedName {}, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(SubjectAlternativeNames([.dnsName(orders[number].host)]))
                try ExtendedKeyUsage([.serverAuth])
            }, issuerPrivateKey: .init(key))
        orders[number].chain =
            try certificate.serializeAsPEM().pemString + "\n" + root.serializeAsPEM().pemString
        issued += 1
        return json(shown(number))
    }
}
