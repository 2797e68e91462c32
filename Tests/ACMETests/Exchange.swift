import Crypto
import Foundation
import Kernel
import SwiftASN1
import Testing
import X509

@testable import ACME

/// An exchange with an authority, written down by hand: each request is awaited by its method and path, and has its answer.
struct Exchange {
    typealias Turn = (asks: String, answer: ACMEResponse)

    static let base = "https://ca.test"
    static let now: Int64 = 1_800_000_000
    static let token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

    var issuance: Issuance
    let key: AccountKey
    /// What happened: requests, and waits in seconds.
    private(set) var log: [String] = []
    private(set) var requests: [ACMERequest] = []
    /// The answers to challenges at each request.
    private(set) var answers: [[String: String]] = []

    init(account: String? = nil, contacts: [String] = [], external: ExternalAccount? = nil) throws {
        key = AccountKey(P256.Signing.PrivateKey())
        let plan = IssuancePlan(
            directory: Exchange.base + "/dir", host: try ACMEHost("www.example.org"), contacts: contacts,
            external: external, account: account)
        issuance = Issuance(plan, account: key, certificateKey: Exchange.certificateKey)
    }

    static let certificateKey = P256.Signing.PrivateKey()

    /// Goes through `turns`, which must be all that is asked. The certificate, when there is one at the end.
    mutating func run(_ turns: [Turn]) throws -> IssuedCertificate? {
        var left = turns[...]
        var step = issuance.begin()
        while true {
            switch step {
            case .issued(let certificate):
                #expect(left.isEmpty, "not asked: \(left.map(\.asks))")
                return certificate
            case .wait(let seconds):
                log.append("wait \(seconds)")
                step = try issuance.resume()
            case .send(let request):
                let asks = request.method.rawValue + " " + request.url.dropFirst(Exchange.base.count)
                log.append(asks)
                requests.append(request)
                answers.append(issuance.answers)
                guard let turn = left.popFirst() else {
                    Issue.record("asked for more than is written down: \(asks)")
                    return nil
                }
                try #require(turn.asks == asks)
                step = try issuance.receive(turn.answer, now: Exchange.now)
            }
        }
    }

    /// What a request says, in the open.
    func opened(_ path: String) throws -> (head: JSONValue, payload: JSONValue?) {
        let request = try #require(requests.last { $0.url == Exchange.base + path })
        let body = try JSONReader.read(Array(try #require(request.body).utf8), name: "message")
        let head = try #require(body["protected"]?.string)
        let payload = try #require(body["payload"]?.string)
        let signature = try #require(body["signature"]?.string.flatMap { Base64URL.decode($0) })
        #expect(
            key.key.publicKey.isValidSignature(
                try P256.Signing.ECDSASignature(rawRepresentation: signature),
                for: Data("\(head).\(payload)".utf8)))
        func read(_ text: String) throws -> JSONValue {
            try JSONReader.read(try #require(Base64URL.decode(text)), name: "part")
        }
        return (try read(head), payload.isEmpty ? nil : try read(payload))
    }

    // MARK: answers

    static func answer(
        _ json: JSONValue, status: Int = 200, nonce: String? = "bm9uY2U", _ headers: [String: String] = [:]
    ) -> ACMEResponse {
        var all = headers
        all["replay-nonce"] = nonce
        return ACMEResponse(status: status, headers: all, body: Array(json.text.utf8))
    }

    static func problem(
        _ type: String, _ detail: String = "", status: Int = 400, _ headers: [String: String] = [:]
    ) -> ACMEResponse {
        answer(
            ["type": .string("urn:ietf:params:acme:error:" + type), "detail": .string(detail)],
            status: status, nonce: "YW5vdGhlcg", headers)
    }

    static func directory(external: Bool = false) -> Turn {
        (
            "GET /dir",
            answer(
                [
                    "newNonce": .string(base + "/nonce"), "newAccount": .string(base + "/account"),
                    "newOrder": .string(base + "/orders"),
                    "meta": [
                        "termsOfService": "https://ca.test/terms", "externalAccountRequired": .bool(external),
                    ],
                ], nonce: nil)
        )
    }

    static let nonce: Turn = (
        "HEAD /nonce", ACMEResponse(status: 200, headers: ["replay-nonce": "Zmlyc3Q"], body: [])
    )
    static let account: Turn = (
        "POST /account", answer(["status": "valid"], status: 201, ["location": base + "/account/1"])
    )
    static let newOrder: Turn = (
        "POST /orders",
        answer(
            [
                "status": "pending", "finalize": .string(base + "/order/1/finalize"),
                "authorizations": [.string(base + "/authz/1")],
            ], status: 201, ["location": base + "/order/1"])
    )

    static func authorization(
        _ status: String, token: String = token, error: JSONValue? = nil, _ headers: [String: String] = [:]
    ) -> Turn {
        var challenge: [JSONMember] = [
            JSONMember("type", "http-01"), JSONMember("status", .string(status)),
            JSONMember("url", .string(base + "/chall/1")), JSONMember("token", .string(token)),
        ]
        if let error { challenge.append(JSONMember("error", error)) }
        let other: JSONValue = ["type": "dns-01", "url": .string(base + "/chall/0"), "token": .string(token)]
        return (
            "POST /authz/1",
            answer(["status": .string(status), "challenges": [other, .object(challenge)]], headers)
        )
    }

    static let challenge: Turn = ("POST /chall/1", answer(["type": "http-01", "status": "pending"]))

    static func order(_ status: String, at path: String = "/order/1", _ headers: [String: String] = [:])
        -> Turn
    {
        (
            "POST " + path,
            answer(["status": .string(status), "certificate": .string(base + "/cert/1")], headers)
        )
    }

    static let upToTheOrder: [Turn] = [directory(), nonce, account, newOrder]
    static let validated: [Turn] =
        upToTheOrder + [authorization("pending"), challenge, authorization("valid"), order("ready")]

    static func certificate(
        for name: String = "www.example.org", _ publicKey: P256.Signing.PublicKey = certificateKey.publicKey,
        until: Int64 = now + 90 * 86_400
    ) throws -> Turn {
        let authority = P256.Signing.PrivateKey()
        let issuer = try DistinguishedName {
            OrganizationName("Test Authority")
            CommonName("T1")
        }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(publicKey),
            notValidBefore: Date(timeIntervalSince1970: Double(now - 3600)),
            notValidAfter: Date(timeIntervalSince1970: Double(until)),
            issuer: issuer, subject: try DistinguishedName { CommonName(name) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName(name)]) },
            issuerPrivateKey: .init(authority))
        let pem = try certificate.serializeAsPEM().pemString
        return ("POST /cert/1", ACMEResponse(status: 200, headers: [:], body: Array(pem.utf8)))
    }
}
