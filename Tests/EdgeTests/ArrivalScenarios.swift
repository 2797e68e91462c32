import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// What the edge makes of a request before a program sees it, and of clients that leave too early.
@Suite struct ArrivalScenarios {
    private static let pass = "sub vcl_recv { set req.backend = F_origin; return(pass); }"

    /// The request as the origin sees it.
    private func forwarded(_ request: String, vcl: String = pass) async throws -> String {
        var seen = ""
        try await scenario(vcl: vcl, loops: 1) { origin, port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send(request)
            _ = try await client.read()
            seen = origin.requests.first ?? ""
        }
        return seen
    }

    @Test func believesAWholeURIRatherThanItsHost() async throws {
        let seen = try await forwarded("GET http://b:81?q HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(seen.hasPrefix("GET /?q HTTP/1.1\r\n"))
        #expect(seen.contains("\r\nHost: b:81") && !seen.contains("Host: a"))
    }

    @Test func answersForNoHTTPSURIWithoutTLS() async throws {
        try await scenario(loops: 1) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.read().status == 421)
        }
    }

    @Test func aClientCannotListWhatAProgramSets() async throws {
        let vcl = """
            sub vcl_recv { set req.backend = F_origin; set req.http.X-Checked = "yes"; return(pass); }
            """
        let seen = try await forwarded(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Checked\r\nConnection: X-Own\r\nX-Own: 1\r\nX-Checked: no\r\n\r\n",
            vcl: vcl)
        #expect(seen.contains("X-Checked: yes") && !seen.contains("X-Own") && !seen.contains("Connection"))
    }

    @Test func skipsAnEmptyLineThatComesInPieces() async throws {
        try await scenario(loops: 1) { origin, port, _ in
            origin.answer("/a")
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/a").body == "hello")
            try await client.send("\r")
            try await client.send("\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.read().body == "hello")
        }
    }

    @Test(arguments: [("1.1", 100), ("1.0", 200)])
    func promisesToGoOnOnlyToWhoKnowsInterimAnswers(version: String, status: Int) async throws {
        try await scenario(vcl: ArrivalScenarios.pass, loops: 1) { origin, port, _ in
            origin.answer("/a")
            let client = try await ScenarioClient(port: port)
            try await client.send(
                "POST /a HTTP/\(version)\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            if status == 100 { #expect(try await client.read().status == 100) }
            try await client.send("x")
            #expect(try await client.read().status == 200)
        }
    }

    /// A client that waits for a word sends no body for nothing.
    @Test func refusesInPlaceOfPromising() async throws {
        let vcl = "sub vcl_recv { set req.backend = F_origin; error 403; }"
        try await scenario(vcl: vcl, loops: 1) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send(
                "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            let text = try await client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 403 ") && text.contains("Connection: close\r\n"))
        }
    }

    @Test func closeWinsOverKeepAlive() async throws {
        try await scenario(loops: 1) { origin, port, _ in
            origin.answer("/a")
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n")
            #expect(try await client.read().body == "hello")
            await #expect(throws: ScenarioClient.Closed.self) { try await client.read() }
        }
    }

    /// The scenario's origin takes whatever ends with an empty line for a request: the head, then a last chunk.
    @Test(arguments: [("5\r\nhello\r\n", 1), ("5\r\nhello\r\n0\r\n\r\n", 2), ("5\r\nhello\r\nx", 1)])
    func noBackendTakesHalfABodyForTheWhole(body: String, ends: Int) async throws {
        try await scenario(vcl: ArrivalScenarios.pass, loops: 1) { origin, port, _ in
            origin.hold()
            let client = try await ScenarioClient(port: port)
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(try await eventually { origin.requests.count == 1 })
            try await client.send(body)
            #expect(try await eventually { origin.requests.count == ends })
            try? await client.close()
            #expect(try await eventually { origin.connections == 0 })
            #expect(origin.requests.count == ends)
        }
    }
}
