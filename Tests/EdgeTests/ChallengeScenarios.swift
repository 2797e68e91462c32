import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import Testing
import VCLRuntime

@testable import Edge

/// Visitors who have to prove work.
@Suite struct ChallengeScenarios {
    private static let asking = """
        sub vcl_recv {
          set req.backend = F_origin;
          if (req.url.path == "/form") { set req.http.HQ-Challenge = "required"; }
          unset req.http.Cookie;
        }
        sub vcl_deliver { set resp.http.Content-Security-Policy = "script-src 'none'"; }
        """
    private let proof = ProofOfWork(key: Array(repeating: 7, count: 32), bits: 8)

    private func scenario(
        _ challenge: Challenge?, exempt: [AddressRange] = [], vcl: String = asking,
        _ body: (ScenarioOrigin, ScenarioPlace, EdgeCore) async throws -> Void
    ) async throws {
        let origin = ScenarioOrigin()
        try await origin.start()
        var limits = AdmissionLimits()
        limits.exempt = exempt
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try origin.program(vcl)), cacheSize: ByteCount(64 << 20),
            identity: "test", admission: limits, challenge: challenge)
        let server = EdgeServer(core: core, loops: 1)
        let place = try await server.start(
            try #require(EdgeListener.Place("127.0.0.1:0").map { EdgeListener($0) }))
        try await body(origin, ScenarioPlace(place, server), core)
        await server.stop()
        try await origin.end()
    }

    private var cookie: String {
        let window = proof.window(at: wallClock() / 1_000_000_000)
        return "Cookie: a=b; hq-proof=\(window)-\(proof.solve(for: IPAddress("127.0.0.1")!, window: window))"
    }

    @Test func asksOnceForWhatTheProgramGuards() async throws {
        try await scenario(Challenge(proof)) { origin, place, core in
            origin.answer("/form", headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: place.port)
            let page = try await client.get("/form")
            #expect(page.status == 403 && page["Cache-Control"] == "no-store")
            #expect(page["Content-Type"] == "text/html; charset=utf-8")
            #expect(page.body.contains("data-bits=\"8\"") && page.body.contains("<noscript>"))
            // Its policy, and not the program's; nothing comes from elsewhere.
            #expect(
                page["Content-Security-Policy"]?.contains("default-src 'none'; script-src 'sha256-") == true)
            for outside in ["http:", "https://", "src=", "href=", "@import", "url("] {
                #expect(!page.body.contains(outside), "\(outside)")
            }
            #expect(origin.requests.isEmpty)
            let proved = try await client.get("/form", headers: [cookie])
            #expect(proved.status == 200 && proved.body == "hello")
            #expect(origin.requests.last?.lowercased().contains("hq-challenge") == false)
            // A hit too, and what was kept is no challenge.
            #expect(try await client.get("/form").status == 403)
            #expect(try await client.get("/form", headers: [cookie])["X-Cache"] == "HIT")
            #expect(try await client.get("/other").status == 404)
            let head = try await client.get("/form", method: "HEAD")
            #expect(head.status == 403 && head.body.isEmpty)
            try await core.publish()
            #expect(core.sample().statistics.challenges == 3)
        }
    }

    @Test func asksNobodyWhenItIsOffOrWhoIsExempt() async throws {
        for (challenge, exempt) in [(nil, []), (Challenge(proof), [AddressRange("127.0.0.0/8")!])]
            as [(Challenge?, [AddressRange])]
        {
            try await scenario(challenge, exempt: exempt) { origin, place, _ in
                origin.answer("/form")
                let answer = try await ScenarioClient(port: place.port).get("/form")
                #expect(answer.status == 200)
            }
        }
    }

    /// In a flood everybody is asked, for hits too; but not for what no browser asks for.
    @Test func asksEverybodyInAFlood() async throws {
        let challenge = Challenge(proof, above: 5, except: ["/api/"])
        try await scenario(challenge, vcl: DefaultVCL.states) { origin, place, core in
            for path in ["/a", "/api/v1", "/.well-known/acme-challenge/x"] {
                origin.answer(path, headers: ["Cache-Control: max-age=600"])
            }
            let client = try await ScenarioClient(port: place.port)
            #expect(try await client.get("/a").status == 200)
            let isFlooded = try await eventually {
                for _ in 0..<20 { _ = try await client.get("/a") }
                return try await client.get("/a").status == 403
            }
            #expect(isFlooded)
            #expect(try await client.get("/api/v1").status == 200)
            #expect(try await client.get("/.well-known/acme-challenge/x").status == 200)
            #expect(try await client.get("/api").status == 403)
            #expect(try await client.get("/a", headers: [cookie]).body == "hello")
        }
    }

    @Test func asksOverHTTP2() async throws {
        try await scenario(Challenge(proof)) { origin, place, _ in
            origin.answer("/form")
            let client = try await HTTP2Client(place)
            #expect(try await client.get("/form").status == 403)
        }
    }
}

/// Answers that a program has sent slowly.
@Suite struct TarpitScenarios {
    private static func program(_ wish: String) -> String {
        """
        sub vcl_recv { set req.backend = F_origin; if (req.url == "/made") { error 403 "no"; } }
        sub vcl_error { synthetic "go away"; return(deliver); }
        sub vcl_deliver { \(wish) }
        """
    }

    /// In pieces, with the pause before each: what has come after the first is not the whole.
    @Test func sendsASmallAnswerInPieces() async throws {
        try await scenario(vcl: TarpitScenarios.program("resp.tarpit(1, 4);"), loops: 1) {
            origin, port, core in
            let client = try await ScenarioClient(port: port)
            let began = NIODeadline.now()
            let answer = try await client.get("/made")
            #expect(answer.status == 403 && answer.body == "go away" && answer["Content-Length"] == "7")
            // Two pauses of a second: a timer may be late and not early.
            #expect(NIODeadline.now() - began >= .seconds(2))
            // The connection goes on, and a hit is slowed down as well.
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: "abc")
            for _ in 0..<2 { #expect(try await client.get("/a").body == "abc") }
            #expect(NIODeadline.now() - began >= .seconds(4))
            let places = try await core.tarpits()
            #expect(places == 0)
        }
    }

    @Test func letsLargeAnswersAndHeadsPass() async throws {
        try await scenario(vcl: TarpitScenarios.program("resp.tarpit(300, 1);"), loops: 1) {
            origin, port, _ in
            let large = String(repeating: "x", count: TarpitLimits.bytes + 1)
            origin.answer("/large", headers: ["Cache-Control: max-age=60"], body: large)
            let client = try await ScenarioClient(port: port)
            for _ in 0..<2 { #expect(try await client.get("/large").body == large) }
            #expect(try await client.get("/made", method: "HEAD").status == 403)
        }
    }

    @Test func givesItsPlaceBackWhenTheClientLeaves() async throws {
        try await scenario(vcl: TarpitScenarios.program("resp.tarpit(300, 1);"), loops: 1) { _, port, core in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /made HTTP/1.1\r\nHost: test\r\n\r\n")
            let isHeld = try await eventually { try await core.tarpits() == 1 }
            #expect(isHeld)
            try await client.close()
            let isFree = try await eventually { try await core.tarpits() == 0 }
            #expect(isFree)
        }
    }
}

extension EdgeCore {
    fileprivate func tarpits() async throws -> Int {
        var count = 0
        for loop in loops.withLock({ $0 }) { count += try await loop.loop.submit { loop.tarpits }.get() }
        return count
    }
}
