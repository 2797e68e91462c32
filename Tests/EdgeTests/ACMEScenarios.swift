import EdgeLink
import Foundation
import HTTPCache
import HTTPKit
import Kernel
import NIOSSL
import Testing
import VCLRuntime

@testable import ACME
@testable import Edge

/// An edge that has its certificates from an authority, over real sockets.
@Suite struct ACMEScenarios {
    /// A time that a test moves.
    private final class Clock: Sendable {
        private let seconds = Guarded(wallClock() / 1_000_000_000)
        var now: Int64 { seconds.withLock { $0 } }
        func advance(_ by: Int64) { seconds.withLock { $0 += by } }
    }

    /// What a scenario has to do with.
    private struct Stage {
        let authority: TestAuthority
        let keeper: CertificateKeeper
        let core: EdgeCore
        let plain: Int
        let secure: Int
        let clock: Clock
        let folder: TestFolder
        let said: Guarded<[String]>

        /// A client that believes the authority alone.
        func verified(_ name: String, _ path: String = "/") async throws -> ScenarioClient.Answer {
            let tls = try ClientTLS(name, trust: try authority.trusted())
            return try await ScenarioClient(port: secure, tls: tls).get(path)
        }

        var status: [EdgeCertificate] { core.certificates.shown }
    }

    private static func keeper(
        _ authority: TestAuthority, _ folder: TestFolder, _ hosts: [ACMEHost], _ clock: Clock,
        _ said: Guarded<[String]>
    ) async throws -> (Certificates, CertificateKeeper) {
        let directory = await authority.url + "/directory"
        let kept = try ACMEFolder(folder.path("acme"), directory: directory)
        _ = try kept.prepare(hosts, now: clock.now)
        let certificates = try Certificates(hosts.map(kept.certificateFile)) { _ in }
        let settings = ACMESettings(
            directory: directory, hosts: hosts, contacts: ["mailto:ops@example.org"])
        let keeper = CertificateKeeper(
            settings, in: kept, for: certificates, clock: { clock.now },
            pause: { _ in try await Task.sleep(for: .milliseconds(1)) },
            report: { line in said.withLock { $0.append(line) } })
        return (certificates, keeper)
    }

    private func scenario(
        _ names: String..., vcl: String = "sub vcl_recv { error 601; }", folder: TestFolder = TestFolder(),
        authority: TestAuthority? = nil, _ body: (Stage) async throws -> Void
    ) async throws {
        let authority = try authority ?? TestAuthority()
        if await authority.url.isEmpty { try await authority.start() }
        let clock = Clock()
        let said = Guarded<[String]>([])
        let (certificates, keeper) = try await ACMEScenarios.keeper(
            authority, folder, try names.map { try ACMEHost($0) }, clock, said)
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(vcl)), cacheSize: ByteCount(1 << 20),
            identity: "test", certificates: EdgeCertificates(served: certificates, keeper: keeper))
        let server = EdgeServer(core: core, loops: 1)
        let place = HostPort(host: "127.0.0.1", port: 0)
        var secure = EdgeListener(.port(place))
        secure.certificates = certificates
        var plain = EdgeListener(.port(place))
        plain.redirectPort = 443
        let ports = try await [server.start(plain), server.start(secure)].map { found in
            if case .port(let address) = found { address.port } else { 0 }
        }
        await authority.lead(toPort: ports[0])
        let stage = Stage(
            authority: authority, keeper: keeper, core: core, plain: ports[0], secure: ports[1], clock: clock,
            folder: folder, said: said)
        do { try await body(stage) } catch {
            await server.stop()
            await authority.end()
            throw error
        }
        await server.stop()
        await authority.end()
    }

    private func files(_ folder: TestFolder) throws -> [String] {
        let root = folder.path("acme")
        return try FileManager.default.subpathsOfDirectory(atPath: root).map { root + "/" + $0 }
            .filter { !FileManager.default.isDirectory($0) }
    }

    // MARK: issuing

    @Test func getsACertificateThatAClientVerifies() async throws {
        try await scenario("a.test") { (stage) async throws in
            // Until then it shakes hands with what nobody believes.
            await #expect(throws: (any Error).self) { try await stage.verified("a.test") }
            let anybody = try ClientTLS("a.test")
            #expect(try await ScenarioClient(port: stage.secure, tls: anybody).get("/").status == 601)
            #expect(stage.status.map(\.isSelfMade) == [true])

            await stage.keeper.renewDue()
            #expect(try await stage.verified("a.test").status == 601)
            // Whoever asks for another name is not shown what it would have to believe.
            await #expect(throws: (any Error).self) { try await stage.verified("b.test") }
            let shown = try #require(stage.status.first)
            #expect(shown.names == ["a.test"] && shown.issuer == "Test Authority Root" && !shown.isSelfMade)
            #expect(shown.lastError == nil && shown.failures == 0)
            #expect(try #require(shown.renewal) > stage.clock.now + 55 * 86_400)
            #expect(await stage.authority.issued == 1)
            #expect(stage.said.withLock { $0.contains { $0.contains("https://ca.test/terms") } })
        }
    }

    @Test func keepsWhatItHasForItsOwnerAlone() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            let found = try files(stage.folder)
            let names = Set(found.map { URL(fileURLWithPath: $0).lastPathComponent })
            #expect(names == ["account.key", "account.json", "a.test.pem", "keeper.lock"])
            for file in found {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file)")
            }
        }
    }

    @Test func givesEachHostACertificateOfItsOwn() async throws {
        try await scenario("a.test", "b.test") { (stage) async throws in
            await stage.keeper.renewDue()
            for name in ["a.test", "b.test"] {
                let tls = try ClientTLS(name, trust: try stage.authority.trusted())
                #expect(try await ScenarioClient(port: stage.secure, tls: tls).get("/").status == 601)
                #expect(stage.status.contains { $0.names == [name] && !$0.isSelfMade })
            }
            // Of one account.
            #expect(await stage.authority.accountCount == 1)
            #expect(await stage.authority.issued == 2)
        }
    }

    @Test func goesOnWithWhatIsThereWhenItStartsAgain() async throws {
        let folder = TestFolder()
        let authority = try TestAuthority()
        try await authority.start()
        let said = Guarded<[String]>([])
        let clock = Clock()
        try await scenario("a.test", folder: folder, authority: authority) { (stage) async throws in
            await stage.keeper.renewDue()
            #expect(try await stage.verified("a.test").status == 601)
            // One at a time keeps a folder; what it gets is read by the others as any file.
            let (_, second) = try await ACMEScenarios.keeper(
                authority, folder, [ACMEHost("a.test")], clock, said)
            #expect(await second.renewDue() == false)
            await #expect(authority.issued == 1)
            await stage.keeper.end()
        }
        let (certificates, third) = try await ACMEScenarios.keeper(
            authority, folder, [ACMEHost("a.test")], clock, said)
        #expect(certificates.facts.map(\.facts.issuer) == ["Test Authority Root"])
        #expect(await third.renewDue())
        #expect(await authority.issued == 1 && said.withLock(\.isEmpty))
    }

    @Test func goesOnByItselfUntilItIsToldToEnd() async throws {
        let folder = TestFolder()
        try await scenario("a.test", folder: folder) { (stage) async throws in
            let running = Task { await stage.keeper.run() }
            // Not what the authority has issued: the clock must not move before that is written down.
            #expect(try await eventually { stage.status.first?.isSelfMade == false })
            stage.clock.advance(61 * 86_400)
            #expect(try await eventually { await stage.authority.issued == 2 })
            let (_, second) = try await ACMEScenarios.keeper(
                stage.authority, folder, [ACMEHost("a.test")], stage.clock, stage.said)
            #expect(await second.renewDue() == false)
            running.cancel()
            await running.value
            #expect(await second.renewDue())
        }
    }

    // MARK: the challenge

    @Test func answersChallengesBeforeTheProgramAndTheRedirect() async throws {
        try await scenario("a.test") { (stage) async throws in
            stage.keeper.answers.set(["abc": "abc.def"])
            let client = try await ScenarioClient(port: stage.plain)
            let path = "/.well-known/acme-challenge/"
            let answer = try await client.get(path + "abc")
            #expect(answer.status == 200 && answer.body == "abc.def")
            #expect(answer["Content-Type"] == "application/octet-stream")
            let head = try await client.get(path + "abc", method: "HEAD")
            #expect(head.status == 200 && head["Content-Length"] == "7")
            // All others are the program's, and here the redirect's.
            for other in [path + "ab", path + "abcd", path, "/abc"] {
                #expect(try await client.get(other).status == 301)
            }
            #expect(try await client.get(path + "abc", method: "PUT").status == 308)
            let anybody = try ClientTLS("a.test")
            #expect(
                try await ScenarioClient(port: stage.secure, tls: anybody).get(path + "other").status == 601)
            stage.keeper.answers.set([:])
            #expect(try await client.get(path + "abc").status == 301)
        }
    }

    @Test func isSeenByTheAuthorityWhileItIsUnderWayAlone() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            let look = try #require(await stage.authority.looks.first)
            #expect(look.status == 200)
            #expect(try await ScenarioClient(port: stage.plain).get(look.target).status == 301)
        }
    }

    @Test func saysThatAChallengeWasNotMet() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.authority.lookElsewhere(true)
            await stage.keeper.renewDue()
            let shown = try #require(stage.status.first)
            #expect(shown.isSelfMade && shown.failures == 1)
            #expect(
                shown.lastError?.contains("could not validate a.test: unauthorized: 301 at a.test") == true)
            #expect(shown.renewal == stage.clock.now + 60)
            // Not before its time.
            await stage.keeper.renewDue()
            #expect(await stage.authority.looks.count == 1)
            await stage.authority.lookElsewhere(false)
            stage.clock.advance(60)
            await stage.keeper.renewDue()
            #expect(try await stage.verified("a.test").status == 601)
            #expect(stage.status.first?.lastError == nil)
        }
    }

    // MARK: renewal

    @Test func renewsAtTwoThirdsWithoutARestart() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.authority.issue(before: 60, after: 90 * 86_400)
            await stage.keeper.renewDue()
            let first = try #require(stage.status.first)
            // Open connections stay as they are.
            let tls = try ClientTLS("a.test", trust: try stage.authority.trusted())
            let open = try await ScenarioClient(port: stage.secure, tls: tls)
            #expect(try await open.get("/").status == 601)

            stage.clock.advance(60 * 86_400 - 60)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 1)
            await stage.authority.issue(before: 60, after: 91 * 86_400)
            stage.clock.advance(86_400)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 2)
            let second = try #require(stage.status.first)
            #expect(second.notAfter >= first.notAfter + 86_400)
            #expect(try await open.get("/").status == 601)
            #expect(try await stage.verified("a.test").status == 601)
        }
    }

    @Test func keepsACertificateThatWorksWhenTheAuthorityFails() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            stage.clock.advance(80 * 86_400)
            await stage.authority.end()
            await stage.keeper.renewDue()
            let shown = try #require(stage.status.first)
            #expect(shown.lastError?.contains("does not answer") == true && !shown.isSelfMade)
            #expect(shown.renewal == stage.clock.now + 60)
            stage.clock.advance(60)
            await stage.keeper.renewDue()
            #expect(stage.status.first?.renewal == stage.clock.now + 120)
            #expect(try await stage.verified("a.test").status == 601)
        }
    }

    @Test func replacesWhatCannotBeRead() async throws {
        let folder = TestFolder()
        let authority = try TestAuthority()
        try await authority.start()
        let kept = try ACMEFolder(folder.path("acme"), directory: await authority.url + "/directory")
        let path = kept.certificateFile(try ACMEHost("a.test")).chain
        try Data("no PEM".utf8).write(to: URL(fileURLWithPath: path))
        try await scenario("a.test", folder: folder, authority: authority) { (stage) async throws in
            await stage.keeper.renewDue()
            #expect(try await stage.verified("a.test").status == 601)
        }
    }

    // MARK: an authority that is difficult

    @Test func keepsToRateLimits() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.authority.refuse("rateLimited", status: 429, retryAfter: "7200")
            await stage.keeper.renewDue()
            let shown = try #require(stage.status.first)
            #expect(shown.lastError?.contains("rateLimited: not now") == true)
            #expect(shown.renewal == stage.clock.now + 7200)
            await stage.authority.accept()
            stage.clock.advance(7199)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 0)
            stage.clock.advance(1)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 1)
        }
    }

    @Test func triesNoncesAgain() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.authority.refuseNonces(3)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 1)
            #expect(await stage.authority.badNonces == 3)
        }
    }

    @Test func makesAnAccountAnewWhenTheAuthorityHasForgottenIt() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            await stage.authority.forgetAccounts()
            stage.clock.advance(80 * 86_400)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 2)
        }
    }

    @Test func makesAnAccountAnewWhenItsKeyIsLost() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            for file in try files(stage.folder) where file.hasSuffix("/account.key") {
                try FileManager.default.removeItem(atPath: file)
            }
            stage.clock.advance(80 * 86_400)
            await stage.keeper.renewDue()
            #expect(await stage.authority.issued == 2)
            #expect(await stage.authority.accountCount == 2)
        }
    }

    // MARK: what is told

    @Test func isInMetrics() async throws {
        try await scenario("a.test", "b.test") { (stage) async throws in
            await stage.authority.lookElsewhere(true)
            await stage.keeper.renewDue()
            func text() async -> String {
                var metrics = EdgeMetrics(await stage.core.observed())
                return metrics.text(of: stage.core)
            }
            let before = await text()
            #expect(before.contains("hq_edge_certificate_expiry_seconds{host=\"a.test\"} 0\n"))
            #expect(before.contains("hq_edge_certificate_failures{host=\"b.test\"} 1\n"))
            await stage.authority.lookElsewhere(false)
            stage.clock.advance(60)
            await stage.keeper.renewDue()
            let end = try #require(stage.status.first).notAfter
            let after = await text()
            #expect(after.contains("hq_edge_certificate_expiry_seconds{host=\"a.test\"} \(end)\n"))
            #expect(after.contains("hq_edge_certificate_failures{host=\"b.test\"} 0\n"))
        }
    }

    @Test func isToldToTheOperator() async throws {
        try await scenario("a.test") { (stage) async throws in
            await stage.keeper.renewDue()
            let answer = await AdminServer(stage.core).handle(
                HTTPRequest(method: "GET", path: "/v1/certificates"))
            guard case .data(let body) = answer.body else { throw Failure(.internal, "a stream") }
            #expect(try JSONDecoder().decode([EdgeCertificate].self, from: body) == stage.status)
        }
    }
}

extension FileManager {
    fileprivate func isDirectory(_ path: String) -> Bool {
        var isFolder = ObjCBool(false)
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
