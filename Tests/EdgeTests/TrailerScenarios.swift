import HTTP1
import HTTPCache
import Kernel
import NIOCore
import NIOHPACK
import Testing
import VCLRuntime

@testable import Edge

/// Fields behind bodies, over both versions of HTTP and in both directions.
@Suite struct TrailerScenarios {
    private static let passing = "sub vcl_recv { set req.backend = F_origin; return(pass); }"

    private func ask(_ port: Int, _ path: String, _ lines: [String] = []) async throws -> String {
        let client = try await ScenarioClient(port: port)
        let head = ["GET \(path) HTTP/1.1", "Host: test"] + lines
        try await client.send(head.joined(separator: "\r\n") + "\r\n\r\n")
        return try await client.readToEnd()
    }

    @Test func goToClientsThatTakeThem() async throws {
        try await scenario(vcl: TrailerScenarios.passing) { origin, port, _ in
            origin.answer(
                "/a", chunked: true, trailers: ["X-Sum: 1", "Content-Length: 9", "Set-Cookie: a=b"])
            let whole = try await ask(port, "/a", ["TE: trailers", "Connection: TE, close"])
            #expect(whole.hasSuffix("\r\n0\r\nX-Sum: 1\r\n\r\n"), "\(whole)")
            #expect(!whole.contains("Set-Cookie") && !whole.contains("Content-Length"))
            // The backend is told that they are welcome.
            let asked = origin.requests.last?.lowercased() ?? ""
            #expect(asked.contains("\r\nte: trailers") && asked.contains("\r\nconnection: te"))
            let without = try await ask(port, "/a", ["Connection: close"])
            #expect(without.hasSuffix("\r\n0\r\n\r\n") && !without.contains("X-Sum"), "\(without)")
            #expect(origin.requests.last?.lowercased().contains("te: trailers") == false)
        }
    }

    @Test func goToClientsOfHTTP2() async throws {
        try await listenerScenario(vcl: TrailerScenarios.passing, { _ in }) { origin, place, _ in
            origin.answer("/a", chunked: true, trailers: ["X-Sum: 1", "Host: x"])
            origin.answer("/b", chunked: true)
            let client = try await HTTP2Client(place)
            let with = try await client.get("/a")
            #expect(with.text == "hello" && with.trailers == ["x-sum": "1"])
            let without = try await client.get("/b")
            #expect(without.text == "hello" && without.trailers.isEmpty)
        }
    }

    @Test func areNotKept() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], chunked: true, trailers: ["X-Sum: 1"])
            for _ in 0..<2 {
                let answer = try await ask(port, "/a", ["TE: trailers", "Connection: TE, close"])
                #expect(answer.contains("hello") && !answer.contains("X-Sum"), "\(answer)")
            }
            #expect(origin.requests.count == 1)
            // What goes into the cache is asked for as for everybody.
            #expect(origin.requests.last?.lowercased().contains("te: trailers") == false)
        }
    }

    @Test func goToTheBackend() async throws {
        try await listenerScenario(vcl: TrailerScenarios.passing, { _ in }) { origin, place, _ in
            origin.answer("/a")
            let client = try await ScenarioClient(port: place.port)
            try await client.send(
                "POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n0\r\nX-Sum: 1\r\nAuthorization: me\r\n\r\n")
            #expect(try await client.read().status == 200)
            // The origin of these tests takes the body for one more request.
            #expect(try await eventually { origin.requests.last == "3\r\nabc\r\n0\r\nX-Sum: 1" })
            let two = try await HTTP2Client(place)
            let headers: HPACKHeaders = [
                ":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "test",
            ]
            let answer = try await two.ask(
                headers, body: [ByteBuffer(string: "abcd")], trailers: ["x-sum": "2", "cookie": "a"])
            #expect(answer.status == 200)
            #expect(try await eventually { origin.requests.last == "4\r\nabcd\r\n0\r\nx-sum: 2" })
        }
    }
}
