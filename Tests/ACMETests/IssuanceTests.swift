import Crypto
import Kernel
import SwiftASN1
import Testing
import X509

@testable import ACME

@Suite struct IssuanceTests {
    private static let finalize = "/order/1/finalize"

    private func failure(_ turns: [Exchange.Turn], account: String? = nil) throws -> IssuanceError {
        var exchange = try Exchange(account: account)
        do {
            _ = try exchange.run(turns)
        } catch let error as IssuanceError {
            #expect(exchange.issuance.answers.isEmpty)
            return error
        }
        Issue.record("nothing failed")
        throw Exchange.Unexpected()
    }

    // MARK: the way to a certificate

    @Test func getsACertificate() throws {
        var exchange = try Exchange(contacts: ["mailto:ops@example.org"])
        let found = try exchange.run(
            Exchange.validated + [
                Exchange.order("processing", at: Self.finalize), Exchange.order("valid"),
                try Exchange.certificate(),
            ])
        let issued = try #require(found)
        #expect(issued.chain.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(issued.facts.names == ["www.example.org"] && issued.facts.issuer == "Test Authority T1")
        #expect(issued.facts.notAfter == Exchange.now + 90 * 86_400 && !issued.facts.isSelfIssued)
        #expect(exchange.issuance.account == "https://ca.test/account/1")
        #expect(exchange.issuance.terms == "https://ca.test/terms")
        #expect(
            exchange.log == [
                "GET /dir", "HEAD /nonce", "POST /account", "POST /orders", "POST /authz/1", "POST /chall/1",
                "wait 1", "POST /authz/1", "POST /order/1", "POST /order/1/finalize", "wait 1",
                "POST /order/1", "POST /cert/1",
            ])
        #expect(exchange.requests.last?.accept == "application/pem-certificate-chain")
    }

    @Test func signsWithTheKeyForAnAccountAndItsAddressFromThenOn() throws {
        var exchange = try Exchange(contacts: ["mailto:ops@example.org"])
        _ = try exchange.run(
            Exchange.validated + [Exchange.order("valid", at: Self.finalize), try Exchange.certificate()])
        let account = try exchange.opened("/account")
        #expect(account.head["alg"] == "ES256" && account.head["nonce"] == "Zmlyc3Q")
        #expect(account.head["url"] == "https://ca.test/account" && account.head["kid"] == nil)
        #expect(account.head["jwk"] == exchange.key.jwk)
        #expect(
            account.payload == ["termsOfServiceAgreed": true, "contact": ["mailto:ops@example.org"]])
        let order = try exchange.opened("/orders")
        #expect(order.head["kid"] == "https://ca.test/account/1" && order.head["jwk"] == nil)
        #expect(order.head["nonce"] == "bm9uY2U")
        #expect(order.payload == ["identifiers": [["type": "dns", "value": "www.example.org"]]])
        #expect(try exchange.opened("/authz/1").payload == nil)
        #expect(try exchange.opened("/chall/1").payload == .object([JSONMember]()))
    }

    @Test func asksForACertificateOfItsKeyAndHost() throws {
        var exchange = try Exchange()
        _ = try exchange.run(
            Exchange.validated + [Exchange.order("valid", at: Self.finalize), try Exchange.certificate()])
        let text = try #require(try exchange.opened(Self.finalize).payload?["csr"]?.string)
        let request = try CertificateSigningRequest(derEncoded: try #require(Base64URL.decode(text)))
        #expect(request.publicKey == .init(Exchange.certificateKey.publicKey))
        #expect(request.publicKey.isValidSignature(request.signature, for: request))
        let extensions = try #require(try request.attributes.extensionRequest).extensions
        #expect(
            try extensions.subjectAlternativeNames == SubjectAlternativeNames([.dnsName("www.example.org")]))
    }

    @Test func answersTheChallengeWhileItIsUnderWayAndNotAfter() throws {
        var exchange = try Exchange()
        _ = try exchange.run(
            Exchange.validated + [Exchange.order("valid", at: Self.finalize), try Exchange.certificate()])
        let answer = [Exchange.token: Exchange.token + "." + exchange.key.thumbprint]
        let under = zip(exchange.requests, exchange.answers).filter { !$0.1.isEmpty }
        #expect(under.map(\.0.url) == ["https://ca.test/chall/1", "https://ca.test/authz/1"])
        #expect(under.allSatisfy { $0.1 == answer })
        #expect(exchange.issuance.answers.isEmpty)
    }

    @Test func usesTheAccountThatItHas() throws {
        var exchange = try Exchange(account: "https://ca.test/account/7")
        _ = try exchange.run(
            [Exchange.directory(), Exchange.nonce, Exchange.newOrder, Exchange.authorization("valid")]
                + [
                    Exchange.order("ready"), Exchange.order("valid", at: Self.finalize),
                    try Exchange.certificate(),
                ])
        #expect(try exchange.opened("/orders").head["kid"] == "https://ca.test/account/7")
    }

    @Test func makesAnAccountAnewWhenTheAuthorityKnowsItNot() throws {
        var exchange = try Exchange(account: "https://ca.test/account/7")
        _ = try exchange.run(
            [
                Exchange.directory(), Exchange.nonce,
                ("POST /orders", Exchange.problem("accountDoesNotExist")), Exchange.account,
                Exchange.newOrder,
                Exchange.authorization("valid"), Exchange.order("ready"),
                Exchange.order("valid", at: Self.finalize), try Exchange.certificate(),
            ])
        #expect(exchange.issuance.account == "https://ca.test/account/1")
    }

    @Test func bindsItsAccountToAnExternalOne() throws {
        var exchange = try Exchange(external: ExternalAccount(id: "kid-1", key: "Zm9vYmFy"))
        let error = #expect(throws: IssuanceError.self) {
            _ = try exchange.run([
                Exchange.directory(external: true), Exchange.nonce,
                ("POST /account", Exchange.problem("unauthorized", "wrong key", status: 403)),
            ])
        }
        #expect(error?.failure.message == "the authority gives no account: unauthorized: wrong key")
        #expect(error?.failure.hint?.contains("--acme-eab") == true)
        let binding = try #require(try exchange.opened("/account").payload?["externalAccountBinding"])
        let head = try #require(binding["protected"]?.string.flatMap { Base64URL.decode($0) })
        #expect(try JSONReader.read(head, name: "head")["kid"] == "kid-1")
    }

    @Test func saysThatTheAuthorityWantsAnExternalAccount() throws {
        let error = try failure([Exchange.directory(external: true)])
        #expect(error.failure.hint?.contains("--acme-eab") == true)
    }

    // MARK: nonces

    @Test func sendsAgainWithTheNonceThatCameWithTheRefusal() throws {
        var exchange = try Exchange()
        _ = try exchange.run(
            [Exchange.directory(), Exchange.nonce, ("POST /account", Exchange.problem("badNonce"))]
                + [Exchange.account] + Exchange.validated.dropFirst(3)
                + [Exchange.order("valid", at: Self.finalize), try Exchange.certificate()])
        #expect(try exchange.opened("/account").head["nonce"] == "YW5vdGhlcg")
    }

    @Test func endsWhenNoNonceIsGoodEnough() throws {
        let refusals: [Exchange.Turn] = Array(
            repeating: ("POST /account", Exchange.problem("badNonce", "again")),
            count: ACMELimits.nonceTries + 1)
        let error = try failure([Exchange.directory(), Exchange.nonce] + refusals)
        #expect(error.failure.message == "the authority gives no account: badNonce: again")
    }

    @Test func asksForANonceWhenAnAnswerHadNone() throws {
        var exchange = try Exchange()
        let account: Exchange.Turn = (
            "POST /account",
            Exchange.answer(
                ["status": "valid"], nonce: nil, ["location": Exchange.base + "/account/1"])
        )
        _ = try exchange.run(
            [Exchange.directory(), Exchange.nonce, account, Exchange.nonce]
                + Exchange.validated.dropFirst(3)
                + [Exchange.order("valid", at: Self.finalize), try Exchange.certificate()])
        #expect(exchange.log.filter { $0 == "HEAD /nonce" }.count == 2)
    }

    // MARK: waiting

    @Test func looksAgainWithGrowingPausesAndNotForEver() throws {
        var exchange = try Exchange()
        let pending: [Exchange.Turn] = Array(
            repeating: Exchange.authorization("pending"), count: ACMELimits.polls)
        #expect(throws: IssuanceError.self) {
            _ = try exchange.run(
                Exchange.upToTheOrder + [Exchange.authorization("pending"), Exchange.challenge] + pending)
        }
        let waits = exchange.log.filter { $0.hasPrefix("wait") }
        #expect(waits.prefix(4) == ["wait 1", "wait 2", "wait 4", "wait 8"])
        #expect(waits.count == ACMELimits.polls && waits.last == "wait 60")
    }

    @Test(arguments: [
        ("7", "wait 7"), ("0", "wait 1"), ("100000", "wait 60"), ("Fri, 15 Jan 2027 08:00:30 GMT", "wait 30"),
        ("soon", "wait 2"),
    ]) func waitsAsRetryAfterSays(text: String, waits: String) throws {
        var exchange = try Exchange()
        _ = try exchange.run(
            Exchange.upToTheOrder + [
                Exchange.authorization("pending"), Exchange.challenge,
                Exchange.authorization("pending", ["retry-after": text]), Exchange.authorization("valid"),
                Exchange.order("ready"), Exchange.order("valid", at: Self.finalize),
                try Exchange.certificate(),
            ])
        #expect(exchange.log.filter { $0.hasPrefix("wait") } == ["wait 1", waits])
    }

    // MARK: refusals

    @Test(arguments: [
        ("connection", "port 80"), ("dns", "is it that of this edge"),
        ("unauthorized", "must lead to this edge"),
        ("caa", "CAA record"),
    ]) func saysWhyAChallengeWasNotMet(type: String, hint: String) throws {
        let why: JSONValue = [
            "type": .string("urn:ietf:params:acme:error:" + type), "detail": "192.0.2.1: it went wrong.",
        ]
        let error = try failure(
            Exchange.upToTheOrder + [
                Exchange.authorization("pending"), Exchange.challenge,
                Exchange.authorization("invalid", error: why),
            ])
        #expect(
            error.failure.message
                == "the authority could not validate www.example.org: \(type): 192.0.2.1: it went wrong")
        #expect(error.failure.hint?.contains(hint) == true && error.failure.kind == .refused)
    }

    @Test func keepsToRateLimits() throws {
        let error = try failure(
            Exchange.upToTheOrder.dropLast() + [
                (
                    "POST /orders",
                    Exchange.problem(
                        "rateLimited", "too many certificates", status: 429, ["retry-after": "3600"])
                )
            ])
        #expect(error.failure.kind == .limit && error.retryAfter == 3600)
        #expect(error.failure.message.contains("rateLimited: too many certificates"))
    }

    @Test func saysThatTheServerIsInTrouble() throws {
        let error = try failure([
            ("GET /dir", ACMEResponse(status: 503, headers: ["retry-after": "90"], body: []))
        ])
        #expect(error.failure.kind == .unavailable && error.retryAfter == 90)
        #expect(error.failure.message == "the authority shows no directory: it answered 503")
    }

    @Test func endsWhenTheOrderIsInvalid() throws {
        let error = try failure(Exchange.validated + [Exchange.order("invalid", at: Self.finalize)])
        #expect(
            error.failure.message == "the authority does not issue for www.example.org: it says no reason")
    }

    @Test func wantsAChallengeThatItCanMeet() throws {
        let other: Exchange.Turn = (
            "POST /authz/1",
            Exchange.answer([
                "status": "pending", "challenges": [["type": "dns-01", "url": "https://ca.test/chall/0"]],
            ])
        )
        let error = try failure(Exchange.upToTheOrder + [other])
        #expect(error.failure.hint == "it offers dns-01")
    }

    @Test(arguments: ["short", "../../../../../../etc/passwd", "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ+PCt92wr/oA"])
    func refusesTokensThatAreNone(token: String) throws {
        let error = try failure(Exchange.upToTheOrder + [Exchange.authorization("pending", token: token)])
        #expect(error.failure.message.contains("token"))
    }

    @Test func isNotSentIntoTheOpen() throws {
        let directory: Exchange.Turn = (
            "GET /dir",
            Exchange.answer([
                "newNonce": "http://ca.test/nonce", "newAccount": "https://ca.test/account",
                "newOrder": "https://ca.test/orders",
            ])
        )
        #expect(try failure([directory]).failure.message.contains("does not begin with https://"))
    }

    @Test(arguments: ["<html>", "[]", "{}"]) func saysThatThereIsNoDirectory(text: String) throws {
        let answer = ACMEResponse(status: 200, headers: [:], body: Array(text.utf8))
        #expect(try !failure([("GET /dir", answer)]).failure.message.isEmpty)
    }

    @Test func showsNoControlsOfAStranger() throws {
        let error = try failure([
            ("GET /dir", Exchange.problem("serverInternal", "a\u{1B}[31mb\r\n\u{9B}c", status: 500))
        ])
        #expect(error.failure.message.hasSuffix("serverInternal: a[31mbc"))
    }

    // MARK: certificates that are none

    @Test func refusesACertificateForAnotherKey() throws {
        let turns = Exchange.validated + [Exchange.order("valid", at: Self.finalize)]
        let other = try Exchange.certificate(P256.Signing.PrivateKey().publicKey)
        #expect(try failure(turns + [other]).failure.message.hasSuffix("is for another key"))
        let name = try Exchange.certificate(for: "other.example")
        #expect(try failure(turns + [name]).failure.message.hasSuffix("is for 'other.example'"))
        let old = try Exchange.certificate(until: Exchange.now - 1)
        #expect(try failure(turns + [old]).failure.message.hasSuffix("has expired"))
        let none: Exchange.Turn = ("POST /cert/1", Exchange.answer("nothing"))
        #expect(try failure(turns + [none]).failure.message.contains("no certificate"))
    }

    @Test func makesACertificateForTheTimeBefore() throws {
        let key = P256.Signing.PrivateKey()
        let pem = try SelfMadeCertificate.chain(
            for: ACMEHost("www.example.org"), key, serial: [1, 2, 3], now: Exchange.now)
        let facts = try #require(CertificateFacts(pem: key.pemRepresentation + "\n" + pem))
        #expect(facts.isSelfIssued && facts.names == ["www.example.org"])
        #expect(facts.issuer == SelfMadeCertificate.issuer && facts.notBefore < Exchange.now)
    }
}

extension Exchange {
    struct Unexpected: Error {}
}
