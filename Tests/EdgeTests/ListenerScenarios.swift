import Foundation
import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// Where an edge can listen, and who may speak for others.
@Suite struct ListenerScenarios {
    /// Answers with who the program thinks has come.
    private static let echo = """
        sub vcl_recv { error 600; }
        sub vcl_error {
          set obj.status = 200;
          set obj.http.Client = client.ip ":" client.port;
          set obj.http.Server = server.ip ":" server.port;
          set obj.http.Is = req.protocol;
          return(deliver);
        }
        """

    private static let local = [AddressRange("127.0.0.0/8")!]

    private func withProxies(
        _ ranges: [AddressRange], at place: String = "127.0.0.1:0", certificates: Certificates? = nil,
        _ body: (ScenarioPlace) async throws -> Void
    ) async throws {
        try await listenerScenario(vcl: ListenerScenarios.echo, at: place) {
            $0.proxies = ranges
            $0.certificates = certificates
        } _: { _, place, _ in
            try await body(place)
        }
    }

    @Test func believesAProxyThatIsTrusted() async throws {
        try await withProxies(ListenerScenarios.local) { place in
            let client = try await place.client()
            try await client.send("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n")
            let answer = try await client.get("/")
            #expect(answer["Client"] == "192.0.2.1:40000" && answer["Server"] == "198.51.100.7:443")
            #expect(try await client.get("/")["Client"] == "192.0.2.1:40000")
        }
    }

    @Test func takesHeaderAndRequestInOnePiece() async throws {
        try await withProxies(ListenerScenarios.local) { place in
            let client = try await place.client()
            try await client.send("PROXY TCP6 2001:db8::1 ::1 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.read()["Client"] == "2001:db8::1:1")
        }
    }

    @Test func readsTheHeaderBeforeTheHandshake() async throws {
        let made = try TestCertificate("a.test")
        let certificates = try Certificates([made.file]) { _ in }
        try await withProxies(ListenerScenarios.local, certificates: certificates) { place in
            let client = try await place.client(
                ClientTLS("a.test", after: "PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n"))
            let answer = try await client.get("/")
            #expect(answer["Client"] == "192.0.2.1:40000" && answer["Is"] == "https")
        }
    }

    @Test func closesOnWhoIsNoTrustedProxy() async throws {
        try await withProxies([AddressRange("10.0.0.0/8")!]) { place in
            let client = try await place.client()
            try? await client.send("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\nGET / HTTP/1.1\r\n\r\n")
            #expect(try await client.readToEnd() == "")
        }
    }

    @Test func closesOnWhoBringsNoHeader() async throws {
        try await withProxies(ListenerScenarios.local) { place in
            let client = try await place.client()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readToEnd() == "")
        }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"]) func knowsBothEndsOfAConnection(place: String) async throws {
        try await listenerScenario(vcl: ListenerScenarios.echo, at: place) { _ in
        } _: { _, place, _ in
            let answer = try await place.client().get("/")
            let host = place.place.description.hasPrefix("[") ? "::1" : "127.0.0.1"
            #expect(answer["Server"] == "\(host):\(place.port)")
            #expect(answer["Client"]?.hasPrefix("\(host):") == true && answer["Is"] == "http")
        }
    }

    @Test func listensAtAUnixSocket() async throws {
        let folder = TestFolder()
        let path = folder.path("edge.sock")
        leaveSocket(at: path)
        try await listenerScenario(at: "unix:\(path)") { _ in
        } _: { origin, place, _ in
            origin.answer("/a")
            for _ in 0..<4 {
                let answer = try await place.client().get("/a")
                #expect(answer.body == "hello")
            }
            let second = EdgeListener(.socket(path: path))
            await #expect(throws: Failure.self) { try await place.server.start(second) }
            let answer = try await place.client().get("/a")
            #expect(answer.status == 200)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// What a killed edge leaves behind: a socket's file at which nobody answers.
    private func leaveSocket(at path: String) {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(socket)
        #expect(bound == 0 && FileManager.default.fileExists(atPath: path))
    }

    @Test func trustsWhoMayWriteToASocket() async throws {
        let folder = TestFolder()
        try await withProxies([], at: "unix:\(folder.path("edge.sock"))") { place in
            let client = try await place.client()
            try await client.send("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n")
            #expect(try await client.get("/")["Client"] == "192.0.2.1:40000")
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.9.8.7", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("0.0.0.0/0", "::1", false), ("2001:db8::/32", "2001:db8:1::1", true),
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
    ]) func knowsRanges(range: String, address: String, isInside: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "here", "::/129", "10.0.0.0/8/8", ""])
    func refusesWhatIsNoRange(text: String) { #expect(AddressRange(text) == nil) }
}
