import Diagnostics
import Foundation
import HTTPCache
import Kernel
import Testing
import VCLRuntime
import VCLSimulator

@testable import Edge

/// What the simulator answers is what the edge answers: the same program, the same origin, the same requests in the same order.
@Suite struct SimulatorAgreementTests {
    private static let program = """
        table moved { "/old": "/new", "/older": "/new?from=older" }
        sub vcl_recv {
          if (table.contains(moved, req.url.path)) { error 601 table.lookup(moved, req.url.path); }
          if (req.url.path == "/forbidden") { error 403 "No entry"; }
          if (req.http.Cookie:user) { set req.http.X-User = req.http.Cookie:user; }
          if (req.method != "GET" && req.method != "HEAD") { return(pass); }
          if (req.url ~ "^/private/([a-z]+)") { set req.http.X-Private = re.group.1; return(pass); }
          set req.url = querystring.filter(req.url, "utm_source");
          return(lookup);
        }
        sub vcl_hash {
          set req.hash += req.url;
          set req.hash += req.http.host;
          if (req.http.X-Language) { set req.hash += req.http.X-Language; }
          return(hash);
        }
        sub vcl_miss { set bereq.http.X-From = "miss"; return(fetch); }
        sub vcl_pass { set bereq.http.X-From = "pass"; return(pass); }
        sub vcl_fetch {
          if (beresp.http.X-Again && req.restarts < 2) { set req.url = "/page"; restart; }
          if (beresp.status >= 500 && beresp.status < 600) { return(deliver_stale); }
          if (beresp.http.Set-Cookie) { return(pass); }
          set beresp.http.X-Fetched = bereq.url " for " beresp.status;
          unset beresp.http.X-Internal;
          if (beresp.http.X-TTL) { set beresp.ttl = std.atoi(beresp.http.X-TTL); }
          return(deliver);
        }
        sub vcl_error {
          if (obj.status == 601) {
            set obj.status = 308;
            set obj.http.Location = "https://" req.http.host obj.response;
            synthetic "";
            return(deliver);
          }
          set obj.http.Content-Type = "text/plain";
          synthetic "sorry: " obj.status " " obj.response;
          return(deliver);
        }
        sub vcl_deliver {
          set resp.http.X-State = fastly_info.state;
          set resp.http.X-Hits = obj.hits;
          set resp.http.X-Restarts = req.restarts;
          set resp.http.X-Who = req.http.X-User "/" req.http.X-Private;
          set resp.http.X-URL = req.url;
          return(deliver);
        }
        """

    private struct Page {
        let path: String
        var status = 200
        var headers: [Header] = []
        var body = ""
    }

    private static let pages: [Page] = [
        Page(
            path: "/page", headers: [Header("Cache-Control", "max-age=60"), Header("X-Internal", "x")],
            body: "a page"),
        Page(
            path: "/new", headers: [Header("Surrogate-Control", "max-age=60"), Header("Vary", "X-Device")],
            body: "new"),
        Page(path: "/never", headers: [Header("Cache-Control", "no-store, private")], body: "never"),
        Page(
            path: "/cookie", headers: [Header("Set-Cookie", "a=1"), Header("Cache-Control", "max-age=9")],
            body: "mine"),
        Page(path: "/again", headers: [Header("X-Again", "1")], body: "go on"),
        Page(path: "/broken", status: 500, headers: [Header("X-Why", "bug")], body: "broken"),
        Page(path: "/gone", status: 404, headers: [Header("Cache-Control", "max-age=5")], body: "gone"),
        Page(
            path: "/ttl", headers: [Header("X-TTL", "100"), Header("ETag", "\"1\"")], body: "by the program"),
        Page(path: "/private/zone", headers: [Header("Cache-Control", "max-age=60")], body: "secret"),
    ]

    private static let urls: [String] =
        pages.map(\.path) + [
            "/old", "/older", "/forbidden", "/nowhere", "/page?a=1&utm_source=x", "/page?utm_source=y",
        ]
    private static let headers: [[Header]] = [
        [], [], [], [Header("Cookie", "user=ann; b=2")], [Header("X-Language", "de")],
        [Header("X-Device", "phone")],
    ]

    /// Headers that tell the time, or are the framing's and the connection's, which the simulator has not.
    private static let ignored: Set<String> = [
        "age", "date", "connection", "content-length", "transfer-encoding", "keep-alive", "x-timer",
        "x-served-by",
    ]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func answersAsTheEdgeDoes(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        try await scenario(vcl: Self.program) { origin, port, _ in
            for page in Self.pages {
                let lines = page.headers.map { "\($0.name): \($0.value)" }
                origin.answer(page.path, status: "\(page.status) Said", headers: lines, body: page.body)
            }
            let simulated = try Self.simulated()
            let client = try await ScenarioClient(port: port)
            for number in 0..<80 {
                var request = SimulatedRequest(url: Self.urls.randomElement(using: &random)!)
                request.method = ["GET", "GET", "GET", "HEAD", "POST"].randomElement(using: &random)!
                request.headers = [Header("Host", "test")] + Self.headers.randomElement(using: &random)!
                let theirs = try await client.get(
                    request.url, method: request.method,
                    headers: request.headers.dropFirst().map { "\($0.name): \($0.value)" })
                let ours = simulated.request(request).response
                let what =
                    "seed \(seed), request \(number): \(request.method) \(request.url) \(request.headers)"
                #expect(ours.status == theirs.status, "\(what)")
                #expect(String(decoding: ours.body, as: UTF8.self) == theirs.body, "\(what)")
                let edge = theirs.headers.filter { !Self.ignored.contains($0.key) }.mapValues(Self.timeless)
                let simulator = Dictionary(
                    ours.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }
                ).filter { !Self.ignored.contains($0.key) }.mapValues(Self.timeless)
                #expect(simulator == edge, "\(what)")
            }
        }
    }

    /// `hq; hit; ttl=59` without the seconds, which go on for the edge alone.
    private static func timeless(_ value: String) -> String {
        value.components(separatedBy: "; ttl=")[0]
    }

    private static func simulated() throws -> SimulatedEdge {
        let backend = "backend F_origin { .host = \"127.0.0.1\"; .port = \"80\"; }\n"
        let edge = try SimulatedEdge(
            main: SourceFile(name: "test.vcl", text: backend + program), model: ServiceModel(),
            now: wallClock())
        edge.backend = { request in
            guard let page = pages.first(where: { $0.path == request.url }) else {
                return BackendAnswer(status: 404, headers: [Header("Content-Length", "0")])
            }
            let length = Header("Content-Length", "\(page.body.utf8.count)")
            return BackendAnswer(
                status: page.status, headers: page.headers + [length], body: Array(page.body.utf8))
        }
        return edge
    }
}
