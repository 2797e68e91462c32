import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// Parts that are fetched and kept as such, over real sockets.
@Suite struct PartScenarios {
    static let size = Int(EdgeLimits.leastSegmentBytes)
    static let whole = RandomOctets.some(size * 3 + 1000)
    static let fresh = ["Cache-Control: max-age=60", "ETag: \"v1\""]
    static let segmented =
        """
        sub vcl_recv {
          if (req.url ~ "^/big") { set req.enable_segmented_caching = true; set segmented_caching.block_size = 65536; }
        }
        """ + DefaultVCL.states

    /// The ranges that the origin was asked for.
    static func ranges(_ origin: ScenarioOrigin) -> [String] {
        origin.requests.map { request in
            request.split(separator: "\r\n").first { $0.hasPrefix("Range: ") }.map { String($0.dropFirst(7)) }
                ?? "all"
        }
    }

    @Test func deliversALargeObjectOutOfSegments() async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            let client = try await OctetClient(port: port)
            let first = try await client.get("/big")
            #expect(first.status == 200 && first.body == Self.whole && first["Content-Range"] == nil)
            #expect(first["Content-Length"] == "\(Self.whole.count)" && first["X-Cache"] == "MISS")
            let blocks = (0...3).map { "bytes=\($0 * Self.size)-\(($0 + 1) * Self.size - 1)" }
            #expect(Self.ranges(origin) == blocks)
            let second = try await client.get("/big")
            #expect(second.body == Self.whole && second["X-Cache"] == "HIT" && origin.requests.count == 4)
            let head = try await client.get("/big", method: "HEAD")
            #expect(head.status == 200 && head["Content-Length"] == "\(Self.whole.count)")
            #expect(try await client.get("/big", headers: ["If-None-Match: \"v1\""]).status == 304)
        }
    }

    @Test(
        arguments: [
            (0, 9), (65530, 65541), (65536, 131071), (131072, nil), (nil, 10), (nil, 500_000),
            (196_600, 900_000),
        ] as [(Int?, Int?)])
    func servesARangeOutOfTheSegmentsThatItTouches(first: Int?, last: Int?) async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            let client = try await OctetClient(port: port)
            let count = Self.whole.count
            let lower = first ?? max(0, count - last!)
            let upper = first == nil ? count : min(count, (last ?? count) + 1)
            let range = "Range: bytes=\(first.map(String.init) ?? "")-\(last.map(String.init) ?? "")"
            for _ in 0..<2 {
                let answer = try await client.get("/big", headers: [range])
                #expect(answer.status == 206 && answer.body == Array(Self.whole[lower..<upper]))
                #expect(answer["Content-Range"] == "bytes \(lower)-\(upper - 1)/\(count)")
            }
            let touched = Set(lower / Self.size...(upper - 1) / Self.size).union(first == nil ? [0] : [])
            #expect(origin.requests.count == touched.count)
        }
    }

    @Test func answersWhatNoSegmentCan() async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            origin.answerRanges("/big-empty", headers: Self.fresh, octets: [])
            origin.answer("/big-plain", headers: Self.fresh, body: "knows no ranges")
            origin.answer("/big-gone", status: "404 Gone", headers: Self.fresh, body: "gone")
            let client = try await OctetClient(port: port)
            let behind = try await client.get("/big", headers: ["Range: bytes=9000000-"])
            #expect(behind.status == 416 && behind["Content-Range"] == "bytes */\(Self.whole.count)")
            let other = ["Range: bytes=5-9", "If-Range: \"v0\""]
            #expect(try await client.get("/big", headers: other).body == Self.whole)
            let same = try await client.get(
                "/big", headers: ["Range: bytes=70000-70009", "If-Range: \"v1\""])
            #expect(same.status == 206 && same.body == Array(Self.whole[70000..<70010]))
            let empty = try await client.get("/big-empty")
            #expect(empty.status == 200 && empty.body.isEmpty)
            for round in 0..<2 {
                let plain = try await client.get("/big-plain")
                #expect(plain.status == 200 && plain.text == "knows no ranges")
                #expect(plain["X-Cache"] == (round == 0 ? "MISS" : "HIT"))
                let gone = try await client.get("/big-gone")
                #expect(gone.status == 404 && gone.text == "gone")
            }
        }
    }

    @Test func mixesNoSegmentsOfTwoObjects() async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            _ = try await OctetClient(port: port).get("/big", headers: ["Range: bytes=0-9"])
            let newer = Self.whole.reversed().map { $0 }
            origin.answerRanges(
                "/big", headers: ["Cache-Control: max-age=60", "ETag: \"v2\""], octets: newer)
            let client = try await OctetClient(port: port)
            await #expect(throws: OctetClient.Closed.self) { try await client.get("/big") }
            let again = try await OctetClient(port: port).get("/big")
            #expect(again.body == newer && again["ETag"] == "\"v2\"")
        }
    }

    @Test func purgesTheSegmentsWithTheirAddress() async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            let client = try await OctetClient(port: port)
            _ = try await client.get("/big")
            #expect(try await client.get("/big", method: "PURGE").status == 200)
            #expect(try await client.get("/big")["X-Cache"] == "MISS")
            #expect(origin.requests.count == 8)
        }
    }

    @Test func breaksOffWithASegmentThatCannotBeHad() async throws {
        try await scenario(vcl: Self.segmented) { origin, port, _ in
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            _ = try await OctetClient(port: port).get("/big", headers: ["Range: bytes=0-9"])
            origin.answer("/big", status: "500 No", body: "no")
            let client = try await OctetClient(port: port)
            await #expect(throws: OctetClient.Closed.self) { try await client.get("/big") }
            origin.answerRanges("/big", headers: Self.fresh, octets: Self.whole)
            #expect(try await OctetClient(port: port).get("/big").body == Self.whole)
        }
    }

    // MARK: ranges that a program sends on

    @Test func keepsThePartThatAProgramFetched() async throws {
        try await scenario { origin, port, _ in
            origin.answerRanges("/a", headers: Self.fresh, octets: Self.whole)
            let client = try await OctetClient(port: port)
            let range = ["Range: bytes=10-19"]
            for word in ["MISS", "HIT"] {
                let part = try await client.get("/a", headers: range)
                #expect(
                    part.status == 206 && part.body == Array(Self.whole[10..<20]) && part["X-Cache"] == word)
                #expect(part["Content-Range"] == "bytes 10-19/\(Self.whole.count)")
            }
            #expect(Self.ranges(origin) == ["bytes=10-19"])
            // Nobody gets it for the whole, and with the whole there the part comes from it.
            #expect(try await client.get("/a").body == Self.whole)
            let other = try await client.get("/a", headers: ["Range: bytes=20-29"])
            #expect(other.status == 206 && other.body == Array(Self.whole[20..<30]))
            #expect(Self.ranges(origin) == ["bytes=10-19", "all"])
            _ = try await client.get("/a", method: "PURGE")
            #expect(try await client.get("/a", headers: range)["X-Cache"] == "MISS")
        }
    }

    @Test func asksForTheWholeWhereAPartWouldBeWrong() async throws {
        try await scenario { origin, port, _ in
            origin.answerRanges("/a", headers: Self.fresh, octets: Self.whole)
            let client = try await OctetClient(port: port)
            let old = try await client.get("/a", headers: ["Range: bytes=0-4", "If-Range: \"v0\""])
            #expect(old.status == 200 && old.body == Self.whole && Self.ranges(origin) == ["all"])
        }
    }

    @Test func keepsNoPartUnderTheKeyOfTheWhole() async throws {
        let vcl = "sub vcl_fetch { set beresp.cacheable = true; set beresp.ttl = 60s; }\n" + DefaultVCL.states
        try await scenario(vcl: vcl) { origin, port, _ in
            origin.answer(
                "/a", status: "206 Partial Content", headers: ["Content-Range: bytes 0-4/10"], body: "01234")
            let client = try await OctetClient(port: port)
            _ = try await client.get("/a")
            origin.answer("/a", body: "0123456789")
            #expect(try await client.get("/a").text == "0123456789")
        }
    }

    @Test func manyWhoWantOnePartWaitForOneFetch() async throws {
        try await scenario { origin, port, _ in
            origin.answerRanges("/a", headers: Self.fresh, octets: Self.whole)
            origin.hold()
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await OctetClient(port: port).get("/a", headers: ["Range: bytes=0-99"]).body
                    }
                }
                #expect(try await eventually { origin.requests.count == 1 })
                origin.release(forGood: true)
                for try await body in group { #expect(body == Array(Self.whole[0..<100])) }
            }
            #expect(origin.requests.count == 1)
        }
    }
}

/// Octets that repeat nowhere soon, the same each time.
enum RandomOctets {
    static func some(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 7)
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
