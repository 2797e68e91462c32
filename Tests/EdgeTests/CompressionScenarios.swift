import Compression
import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// Bodies that the edge compresses, over real sockets.
@Suite struct CompressionScenarios {
    static let vcl =
        """
        sub vcl_recv {
          if (req.url ~ "^/br" && req.http.Fastly-Orig-Accept-Encoding ~ "br") { set req.http.Accept-Encoding = "br"; }
        }
        sub vcl_fetch {
          if (req.url ~ "^/br") { set beresp.brotli = true; } else { set beresp.gzip = true; }
          if (req.url ~ "^/pass") { return(pass); }
        }
        """ + DefaultVCL.states
    static let text = String(repeating: "Four score and seven years ago. ", count: 400)
    static let fresh = ["Cache-Control: max-age=60", "ETag: \"one\"", "Content-Type: text/plain"]

    @Test func compressesOnceAndKeepsBothForms() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/a", headers: Self.fresh, body: Self.text)
            let client = try await OctetClient(port: port)
            let first = try await client.get("/a", headers: ["Accept-Encoding: gzip, deflate, br"])
            #expect(first["Content-Encoding"] == "gzip" && first["X-Cache"] == "MISS")
            #expect(try first.plain() == Self.text)
            #expect(first["ETag"] == "W/\"one\"" && first["Vary"] == "Accept-Encoding")
            let second = try await client.get("/a", headers: ["Accept-Encoding: deflate, gzip;q=0.1"])
            #expect(second["X-Cache"] == "HIT" && second.body == first.body)
            #expect(second["Content-Length"] == "\(first.body.count)")
            for headers in [[], ["Accept-Encoding: gzip;q=0"], ["Accept-Encoding: identity"]] {
                let plain = try await client.get("/a", headers: headers)
                #expect(
                    plain["X-Cache"] == "HIT" && plain["Content-Encoding"] == nil && plain.text == Self.text)
                #expect(plain["ETag"] == "\"one\"" && plain["Vary"] == "Accept-Encoding")
            }
            #expect(origin.requests.count == 1)
            #expect(origin.requests[0].contains("Accept-Encoding: gzip\r\n"))
            #expect(origin.requests[0].contains("Fastly-Orig-Accept-Encoding: gzip, deflate, br"))
        }
    }

    @Test func compressesWithBrotliForThoseWhoTakeIt() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/br", headers: Self.fresh + ["Vary: Origin"], body: Self.text)
            let client = try await OctetClient(port: port)
            let first = try await client.get("/br", headers: ["Accept-Encoding: gzip, br"])
            #expect(first["Content-Encoding"] == "br" && first["Vary"] == "Origin, Accept-Encoding")
            #expect(try first.plain() == Self.text)
            #expect(try await client.get("/br", headers: ["Accept-Encoding: br"])["X-Cache"] == "HIT")
            let other = try await client.get("/br", headers: ["Accept-Encoding: gzip"])
            #expect(other["Content-Encoding"] == nil && other.text == Self.text)
        }
    }

    @Test func leavesAloneWhatMustNotBeCompressed() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/coded", headers: Self.fresh + ["Content-Encoding: zstd"], body: "as it came")
            origin.answer("/exact", headers: ["Cache-Control: max-age=60, no-transform"], body: Self.text)
            origin.answer("/empty", headers: Self.fresh, body: "")
            let client = try await OctetClient(port: port)
            for path in ["/coded", "/exact", "/empty", "/coded", "/exact"] {
                let answer = try await client.get(path, headers: ["Accept-Encoding: gzip"])
                #expect(answer["Content-Encoding"] == (path == "/coded" ? "zstd" : nil), "\(path)")
                #expect(answer.text == ["/coded": "as it came", "/exact": Self.text, "/empty": ""][path])
            }
        }
    }

    @Test func staysCompressedWhenTheOriginSaysThatItIsStillGood() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: no-cache", "ETag: \"one\""], body: Self.text)
            let client = try await OctetClient(port: port)
            let asks = ["Accept-Encoding: gzip"]
            let first = try await client.get("/a", headers: asks)
            origin.answer("/a", status: "304 Not Modified", headers: ["ETag: \"one\"", "X-New: 1"], body: "")
            let second = try await client.get("/a", headers: asks)
            #expect(origin.requests.last?.contains("If-None-Match: W/\"one\"") == true)
            #expect(second.status == 200 && second.body == first.body && second["X-New"] == "1")
            #expect(second["Content-Encoding"] == "gzip" && second["ETag"] == "W/\"one\"")
            #expect(second["Vary"] == "Accept-Encoding")
            let third = try await client.get("/a", headers: asks + ["If-None-Match: W/\"one\""])
            #expect(third.status == 304)
        }
    }

    @Test func servesPartsOfTheFormThatTheClientGets() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/a", headers: Self.fresh, body: Self.text)
            let client = try await OctetClient(port: port)
            let whole = try await client.get("/a", headers: ["Accept-Encoding: gzip"])
            let range = ["Range: bytes=5-14"]
            let coded = try await client.get("/a", headers: ["Accept-Encoding: gzip"] + range)
            #expect(coded.status == 206 && coded.body == Array(whole.body[5..<15]))
            #expect(
                coded["Content-Range"] == "bytes 5-14/\(whole.body.count)"
                    && coded["Content-Encoding"] == "gzip")
            let plain = try await client.get("/a", headers: range)
            #expect(plain.status == 206 && plain.text == "score and ")
            #expect(plain["Content-Range"] == "bytes 5-14/\(Self.text.utf8.count)")
            // A weak tag names no bytes; a strong one does.
            let weak = try await client.get(
                "/a", headers: ["Accept-Encoding: gzip", "If-Range: W/\"one\""] + range)
            #expect(weak.status == 200 && weak.body == whole.body)
            #expect(try await client.get("/a", headers: ["If-Range: \"one\""] + range).status == 206)
            #expect(try await client.get("/a", headers: ["If-Range: \"two\""] + range).status == 200)
        }
    }

    @Test func compressesLargeBodiesOffTheLoop() async throws {
        let large = (0..<200_000).map { "line \($0)\n" }.joined()
        try await scenario(vcl: Self.vcl) { origin, port, core in
            origin.answer("/a", headers: Self.fresh, body: large)
            let client = try await OctetClient(port: port)
            let first = try await client.get("/a", headers: ["Accept-Encoding: gzip"])
            #expect(try first["Transfer-Encoding"] == "chunked" && first.plain() == large)
            let second = try await client.get("/a", headers: ["Accept-Encoding: gzip"])
            #expect(second["X-Cache"] == "HIT" && second.body == first.body)
            let part = try await client.get("/a", headers: ["Range: bytes=2000000-2000009"])
            #expect(part.status == 206 && part.text == String(large.dropFirst(2_000_000).prefix(10)))
            #expect(try await client.get("/a", headers: ["Range: bytes=9000000-"]).status == 416)
            #expect(try await client.get("/a")["Content-Length"] == "\(large.utf8.count)")
            #expect(core.recodings.begin())
        }
    }

    @Test func keepsNothingOfABodyThatBrokeOff() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/a", headers: Self.fresh, body: Self.text, breaks: true)
            let client = try await OctetClient(port: port)
            await #expect(throws: OctetClient.Closed.self) {
                try await client.get("/a", headers: ["Accept-Encoding: gzip"])
            }
            origin.answer("/a", headers: Self.fresh, body: "whole")
            for headers in [["Accept-Encoding: gzip"], []] {
                let answer = try await OctetClient(port: port).get("/a", headers: headers)
                #expect(try answer.plain() == "whole")
            }
        }
    }

    @Test func compressesWhatIsPassed() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, _ in
            origin.answer("/pass", headers: Self.fresh, body: Self.text)
            let client = try await OctetClient(port: port)
            for _ in 0..<2 {
                let answer = try await client.get("/pass", headers: ["Accept-Encoding: gzip"])
                #expect(try answer["Content-Encoding"] == "gzip" && answer.plain() == Self.text)
            }
            #expect(try await client.get("/pass").text == Self.text)
        }
    }

    @Test func sendsPlainWhatIsTooMuchAtOnce() async throws {
        try await scenario(vcl: Self.vcl) { origin, port, core in
            origin.answer("/a", headers: Self.fresh, body: Self.text)
            for _ in 0..<EdgeLimits.recodings { #expect(core.recodings.begin()) }
            #expect(!core.recodings.begin())
            let client = try await OctetClient(port: port)
            let busy = try await client.get("/a", headers: ["Accept-Encoding: gzip"])
            #expect(busy["Content-Encoding"] == nil && busy.text == Self.text)
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
            core.recodings.end()
            #expect(
                try await client.get("/a", headers: ["Accept-Encoding: gzip"])["Content-Encoding"] == "gzip")
        }
    }

    @Test func compressesAnAnswerWhereItSaysSo() async throws {
        let vcl =
            """
            sub vcl_deliver { if (req.url ~ "hint=(.*)") { set resp.http.X-Compress-Hint = re.group.1; } }
            sub vcl_recv { if (req.url ~ "^/made") { error 600; } }
            sub vcl_error { if (obj.status == 600) { set obj.status = 200; synthetic "made here, made here, made here"; } }
            """ + DefaultVCL.states
        try await scenario(vcl: vcl) { origin, port, _ in
            let client = try await OctetClient(port: port)
            let both = ["Accept-Encoding: gzip, br"]
            for (hint, coding) in [("on", "br"), ("gzip", "gzip"), ("br", "br"), ("off", nil)] {
                origin.answer("/a?hint=\(hint)", headers: Self.fresh, body: Self.text)
                for _ in 0..<2 {
                    let answer = try await client.get("/a?hint=\(hint)", headers: both)
                    #expect(
                        answer["Content-Encoding"] == coding && answer["X-Compress-Hint"] == nil, "\(hint)")
                    #expect(try answer.plain() == Self.text)
                }
                #expect(try await client.get("/a?hint=\(hint)")["Content-Encoding"] == nil)
            }
            let made = try await client.get("/made?hint=on", headers: both)
            #expect(try made["Content-Encoding"] == "br" && made.plain() == "made here, made here, made here")
        }
    }
}
