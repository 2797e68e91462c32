import EdgeLink
import Kernel
import NIOCore
import Testing

@testable import Edge

/// Short answers leave by the socket and long ones by the channel: the client sees one stream.
@Suite struct OutputScenarios {
    private static let sizes = ["/short": 1_000, "/copied": 20_000, "/long": 50_000]

    /// More than the sockets between them hold, so that sends are cut short in the middle of answers of every kind.
    @Test func keepsTheOrderForAClientThatTakesNothingForAWhile() async throws {
        try await scenario { origin, port, core in
            for (path, size) in Self.sizes {
                let body = String(repeating: String(path.dropFirst().prefix(1)), count: size)
                origin.answer(path, headers: ["Cache-Control: max-age=60"], body: body)
                _ = try await ScenarioClient(port: port).get(path)
            }
            var random = SeededRandom(seed: 20_261_126)
            let paths = (0..<800).map { _ in Self.sizes.keys.sorted()[Int(random.next() % 3)] }
            let client = try await ScenarioClient(port: port)
            try await client.setTaking(false)
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
            // What it has answered stands still when nothing more goes into the sockets.
            var answered = -1
            _ = try await eventually {
                try await core.publish()
                let now = core.statistics().requests
                defer { answered = now }
                return now == answered && now > 3
            }
            try #require(answered < paths.count, "the sockets hold all of it")
            try await client.setTaking(true)
            for path in paths {
                let body = try await client.read().body
                try #require(body.count == Self.sizes[path] && body.first == path.dropFirst().first)
            }
        }
    }

    /// Its head is there at once, and no byte of another answer is between its pieces.
    @Test func mixesAnswersThatGrowWithThoseThatAreThere() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/there", headers: ["Cache-Control: max-age=60"], body: "there")
            origin.answer(
                "/grows", headers: ["Cache-Control: private"], body: "grows", delay: .milliseconds(5))
            _ = try await ScenarioClient(port: port).get("/there")
            let client = try await ScenarioClient(port: port)
            let paths = (0..<60).map { $0 % 3 == 1 ? "/grows" : "/there" }
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
            for path in paths { #expect(try await client.read().body == String(path.dropFirst())) }
        }
    }
}
