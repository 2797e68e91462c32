import Compression
import Diagnostics
import ESI
import HTTPCache
import Kernel
import Testing
import VCLRuntime
import VCLSimulator

@testable import Edge

/// Pages with parts, over real sockets.
@Suite struct ESIScenarios {
    static let vcl =
        """
        sub vcl_recv {
          if (req.http.X-Plain) { set req.esi = false; }
          set req.http.X-Seen = req.esi_level "," if(req.is_esi_subreq, "part of ", "page ") req.topurl;
        }
        sub vcl_fetch { if (beresp.http.X-ESI) { esi; } }
        sub vcl_deliver { if (req.http.X-Compress) { set resp.http.X-Compress-Hint = "gzip"; } }
        """ + DefaultVCL.states
    static let page = [
        "Cache-Control: max-age=60", "X-ESI: 1", "ETag: \"page\"",
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
    ]
    static let part = ["Cache-Control: max-age=60"]

    @Test func putsAPageTogether() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer(
                "/shop/page", headers: Self.page,
                body:
                    "<a><esi:include src=\"/one\"/>,<esi:include src='two?x=1&amp;y'/><esi:remove>no</esi:remove></a>"
            )
            origin.answer("/one", headers: Self.part, body: "ONE")
            origin.answer("/shop/two?x=1&y", headers: ["Cache-Control: no-store"], body: "TWO")
            let client = try await OctetClient(port: port)
            for round in 0..<2 {
                let answer = try await client.get("/shop/page", headers: ["Cookie: a=b", "Range: bytes=0-2"])
                #expect(answer.status == 200 && answer.text == "<a>ONE,TWO</a>")
                #expect(
                    answer["ETag"] == nil && answer["Last-Modified"] == nil && answer["Content-Length"] == nil
                )
                #expect(answer["X-Cache"] == (round == 0 ? "MISS" : "HIT"))
            }
            #expect(origin.requests.count == 4)
            let two = try #require(origin.requests.first { $0.hasPrefix("GET /shop/two") })
            #expect(two.contains("Cookie: a=b") && two.contains("X-Seen: 1,part of /shop/page"))
            #expect(!two.contains("Range:"))
            let since = ["If-Modified-Since: Mon, 01 Jan 2050 00:00:00 GMT", "If-None-Match: \"page\""]
            #expect(try await client.get("/shop/page", headers: since).status == 200)
            #expect(try await client.get("/shop/page", method: "HEAD").status == 200)
            let plain = try await client.get("/shop/page", headers: ["X-Plain: 1"])
            #expect(plain.text.hasPrefix("<a><esi:include") && plain["ETag"] == "\"page\"")
        }
    }

    @Test func asksOtherHostsAndTriesAlternatives() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer(
                "/page", headers: Self.page,
                body: """
                    <esi:include src="https://other.org/one"/>|<esi:include src="/gone" alt="/two"/>|\
                    <esi:include src="/gone"/>|<esi:include src="ftp://x/"/>|<esi:include src="/gone" alt="/gone"/>|
                    """)
            origin.answer("/one", headers: Self.part, body: "ONE")
            origin.answer("/two", headers: Self.part, body: "TWO")
            origin.answer("/gone", status: "404 Gone", headers: Self.part, body: "an error page")
            let client = try await OctetClient(port: port)
            #expect(try await client.get("/page").text == "ONE|TWO||||")
            #expect(origin.requests.contains { $0.hasPrefix("GET /one") && $0.contains("Host: other.org") })
        }
    }

    @Test func includesInsideOfIncludesUpToTheirDepth() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            for level in 0...7 {
                origin.answer(
                    "/\(level)", headers: Self.page, body: "\(level)<esi:include src=\"/\(level + 1)\"/>.")
            }
            let client = try await OctetClient(port: port)
            #expect(try await client.get("/0").text == "012345......")
            #expect(origin.requests.last?.contains("X-Seen: 5,part of /0") == true)
        }
    }

    @Test func includesNoMoreThanAPageMay() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            let half = String(repeating: "<esi:include src=\"/x\"/>", count: ESILimits.includes / 2)
            origin.answer("/page", headers: Self.page, body: half + "<esi:include src=\"/part\"/>" + half)
            origin.answer("/part", headers: Self.page, body: "[" + half + "]")
            origin.answer("/x", headers: Self.part, body: "x")
            let client = try await OctetClient(port: port)
            let text = try await client.get("/page").text
            #expect(text.count { $0 == "x" } == ESILimits.includes - 1)
            #expect(origin.requests.count == 3)
        }
    }

    @Test func makesPlainWhatComesCompressed() async throws {
        func packed(_ text: String, _ coding: ContentCoding) throws -> [UInt8] {
            let compressor = try Compressor(coding)
            return Array(text.utf8).withUnsafeBytes { compressor.compress($0) } + compressor.finish()
        }
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer(
                "/page", headers: Self.page + ["Content-Encoding: gzip"],
                octets: try packed("a<esi:include src=\"/br\"/>b<esi:include src=\"/odd\"/>c", .gzip))
            origin.answer(
                "/br", headers: Self.part + ["Content-Encoding: br"], octets: try packed("BR", .brotli))
            origin.answer("/odd", headers: Self.part + ["Content-Encoding: zstd"], body: "?")
            let client = try await OctetClient(port: port)
            for _ in 0..<2 {
                let answer = try await client.get("/page", headers: ["Accept-Encoding: gzip"])
                #expect(answer.text == "aBRbc" && answer["Content-Encoding"] == nil)
            }
            let packed = try await client.get("/page", headers: ["Accept-Encoding: gzip", "X-Compress: 1"])
            #expect(try packed["Content-Encoding"] == "gzip" && packed.plain() == "aBRbc")
            #expect(origin.requests.count == 3)
        }
    }

    @Test func breaksThePageOffWithAPartThatBreaksOff() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/page", headers: Self.page, body: "a<esi:include src=\"/half\"/>b")
            origin.answer(
                "/calm", headers: Self.page, body: "a<esi:include src=\"/half\" onerror=\"continue\"/>b")
            origin.answer("/half", headers: Self.part, body: "0123456789", breaks: true)
            let client = try await OctetClient(port: port)
            await #expect(throws: OctetClient.Closed.self) { try await client.get("/page") }
            let calm = try await OctetClient(port: port).get("/calm")
            #expect(calm.text == "a01234b")
        }
    }

    @Test func letsGoOfAPartWhenItsClientLeaves() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/page", headers: Self.page, body: "a<esi:include src=\"/slow\"/>b")
            origin.answer("/slow", headers: Self.part, body: "slow")
            _ = try await OctetClient(port: port).get("/page")
            origin.answer("/page2", headers: Self.page, body: "a<esi:include src=\"/slow2\"/>b")
            origin.answer("/slow2", headers: Self.part, body: "slow2")
            origin.hold()
            let client = try await OctetClient(port: port)
            try await client.send("/page2")
            #expect(try await eventually { origin.requests.contains { $0.hasPrefix("GET /page2") } })
            origin.release()
            #expect(try await eventually { origin.requests.contains { $0.hasPrefix("GET /slow2") } })
            try await client.close()
            origin.release(forGood: true)
            #expect(try await OctetClient(port: port).get("/page2").text == "aslow2b")
        }
    }

    @Test func answersAsTheSimulatorDoes() async throws {
        let pages: [(path: String, headers: [String], body: String)] = [
            ("/page", Self.page, "<!--esi x<esi:include src=\"/one\"/>--><esi:comment text=\"c\"/>"),
            (
                "/deep", Self.page,
                "<esi:include src=\"/page\" alt=\"/one\"/><esi:include src=\"/none\" alt=\"one\"/>"
            ),
            ("/one", Self.part, "1"), ("/plain", Self.part, "<esi:include src=\"/one\"/>"),
        ]
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            for page in pages { origin.answer(page.path, headers: page.headers, body: page.body) }
            let backend = "backend F_origin { .host = \"127.0.0.1\"; .port = \"80\"; }\n"
            let simulated = try SimulatedEdge(
                main: SourceFile(name: "test.vcl", text: backend + Self.vcl), model: ServiceModel(),
                now: wallClock())
            simulated.backend = { request in
                guard let page = pages.first(where: { $0.path == request.url }) else {
                    return BackendAnswer(status: 404)
                }
                let headers = page.headers.map { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    return Header(String(parts[0]), String(parts[1].dropFirst()))
                }
                return BackendAnswer(headers: headers, body: Array(page.body.utf8))
            }
            let client = try await OctetClient(port: port)
            for path in ["/page", "/deep", "/plain", "/one", "/deep"] {
                let theirs = try await client.get(path)
                var request = SimulatedRequest(url: path)
                request.headers = [Header("Host", "test")]
                let ours = simulated.request(request)
                #expect(ours.response.body == theirs.body, "\(path)")
                #expect(ours.cache == theirs["X-Cache"] && ours.response.header("ETag") == theirs["ETag"])
            }
        }
    }

    @Test func hintsEarlyWhatThePageWillNeed() async throws {
        let vcl =
            """
            sub vcl_recv { early_hints("Link: </a.css>; rel=preload", "no line"); }
            """ + DefaultVCL.states
        try await scenario(vcl: vcl) { origin, port, _ in
            origin.answer("/a", headers: Self.part, body: "hello")
            let client = try await OctetClient(port: port)
            for _ in 0..<2 {
                let early = try await client.get("/a")
                #expect(early.status == 103 && early["Link"] == "</a.css>; rel=preload")
                #expect(try await client.read().text == "hello")
            }
        }
    }
}
