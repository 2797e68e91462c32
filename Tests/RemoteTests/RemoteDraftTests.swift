import Foundation
import HTTPKit
import Kernel
import Testing
import VCLService

@testable import Remote

/// What goes over the wire, against answers shaped as Fastly's published reference has them.
@Suite struct RemoteDraftTests {
    /// Answers from a table, and writes down what was asked.
    private final class Fastly: Sendable {
        let asked = Guarded<[String]>([])
        private let answers: [String: String]

        init(_ answers: [String: String]) { self.answers = answers }

        func respond(_ request: HTTPRequest) -> HTTPResponse {
            let line = "\(request.method) \(request.rawPath)"
            let body = String(decoding: request.body, as: UTF8.self)
            asked.withLock { $0.append(body.isEmpty ? line : line + " " + body) }
            guard request.headers["fastly-key"] == "the key" else {
                return HTTPResponse(
                    status: 401, type: "application/json",
                    text: #"{"msg": "Provided credentials are missing or invalid"}"#)
            }
            guard let answer = answers[line] else {
                return HTTPResponse(
                    status: 404, type: "application/json",
                    text: #"{"msg": "Record not found", "detail": "Cannot load service"}"#)
            }
            return HTTPResponse(type: "application/json", text: answer)
        }

        func serve(key: String = "the key", _ body: (FastlyClient) async throws -> Void) async throws {
            let (ports, found) = AsyncStream.makeStream(of: Int.self)
            let server = HTTPServer(address: HostPort(host: "127.0.0.1", port: 0)) { self.respond($0) }
            let task = Task { try await server.run(handlesSignals: false) { found.yield($0) } }
            defer { task.cancel() }
            for await port in ports {
                try await body(FastlyClient(api: "http://127.0.0.1:\(port)", service: "S1", key: key))
                return
            }
        }
    }

    private static let read: [String: String] = [
        "GET /service/S1/version":
            #"[{"number": 1, "active": false, "locked": true}, {"number": 2, "active": true, "locked": true}]"#,
        "GET /service/S1/version/2/vcl":
            #"[{"name": "main.vcl", "main": true, "content": "sub vcl_recv {}", "version": "2"}]"#,
        "GET /service/S1/version/2/backend":
            #"[{"name": "origin", "address": "o.example", "port": "443", "use_ssl": "1"}]"#,
        "GET /service/S1/version/2/dictionary":
            #"[{"id": "D1", "name": "redirects", "write_only": false}, {"id": "D2", "name": "keys", "write_only": "1"}]"#,
        "GET /service/S1/dictionary/D1/items":
            #"[{"dictionary_id": "D1", "item_key": "/a", "item_value": "/b"}]"#,
        "GET /service/S1/version/2/acl": #"[{"id": "A1", "name": "blocked"}]"#,
        "GET /service/S1/acl/A1/entries":
            #"[{"id": "E1", "ip": "192.0.2.0", "subnet": 24, "negated": "0", "comment": "spam"}]"#,
    ]

    @Test func readsAVersion() async throws {
        try await Fastly(RemoteDraftTests.read).serve { client in
            #expect(try await client.activeVersion() == 2)
            let version = try await RemoteVersion.read(2, from: client)
            #expect(version.service.files.map(\.name) == ["main.vcl"] && version.service.files[0].isMain)
            #expect(version.service.backends.map(\.port) == [443])
            #expect(version.service.dictionaries[0].items == [.init(key: "/a", value: "/b")])
            #expect(version.service.dictionaries[1].isWriteOnly)
            #expect(version.entryID(of: "192.0.2.0/24", in: "blocked") == "E1")
        }
    }

    @Test func fillsADraftAndValidatesItBeforeAnybodySeesIt() async throws {
        var answers = RemoteDraftTests.read
        answers.merge([
            "PUT /service/S1/version/2/clone": #"{"number": 3}"#, "PUT /service/S1/version/3": "{}",
            "PUT /service/S1/version/3/vcl/main.vcl": "{}", "PUT /service/S1/version/3/backend/origin": "{}",
            "DELETE /service/S1/version/3/dictionary/keys": "{}",
            "DELETE /service/S1/version/3/dictionary/redirects": "{}",
            "POST /service/S1/version/3/dictionary": #"{"id": "D3", "name": "redirects"}"#,
            "PATCH /service/S1/dictionary/D3/items": #"{"status": "ok"}"#,
            "DELETE /service/S1/version/3/acl/blocked": "{}",
            "POST /service/S1/version/3/acl": #"{"id": "A2", "name": "blocked"}"#,
            "PATCH /service/S1/acl/A2/entries": #"{"status": "ok"}"#,
            "GET /service/S1/version/3/validate": #"{"status": "ok", "msg": null}"#,
        ]) { $1 }
        let fastly = Fastly(answers)
        try await fastly.serve { client in
            let there = try await RemoteVersion.read(2, from: client)
            fastly.asked.withLock { $0 = [] }
            var here = FastlyService()
            here.files = [.init(name: "main.vcl", content: "sub vcl_recv { esi; }", isMain: true)]
            var backend = FastlyService.Backend()
            (backend.name, backend.address, backend.port) = ("origin", "p.example", 80)
            here.backends = [backend]
            here.dictionaries = [.init(name: "redirects", items: [.init(key: "/a b", value: "/c")])]
            var list = FastlyService.ACL()
            list.name = "blocked"
            list.entries = [.init(key: "!192.0.2.7", comment: "")!]
            here.acls = [list]
            let draft = try await RemoteDraft(client: client, here: here, there: there).make(saying: "a try")
            #expect(draft == 3)
        }
        #expect(
            fastly.asked.withLock { $0 } == [
                "PUT /service/S1/version/2/clone", "PUT /service/S1/version/3 comment=a%20try",
                "PUT /service/S1/version/3/vcl/main.vcl name=main.vcl&content=sub%20vcl_recv%20%7B%20esi%3B%20%7D",
                "PUT /service/S1/version/3/backend/origin name=origin&address=p.example&port=80&use_ssl=0",
                "DELETE /service/S1/version/3/dictionary/keys",
                "DELETE /service/S1/version/3/dictionary/redirects",
                "POST /service/S1/version/3/dictionary name=redirects&write_only=false",
                #"PATCH /service/S1/dictionary/D3/items {"items":[{"op":"upsert","item_key":"/a b","item_value":"/c"}]}"#,
                "DELETE /service/S1/version/3/acl/blocked", "POST /service/S1/version/3/acl name=blocked",
                #"PATCH /service/S1/acl/A2/entries {"entries":[{"op":"create","ip":"192.0.2.7","negated":true,"comment":""}]}"#,
                "GET /service/S1/version/3/validate",
            ])
    }

    @Test func saysWhatTheOtherSideSays() async throws {
        try await Fastly([:]).serve { client in
            await #expect(
                throws: Failure(
                    .notFound, "\(client.api): Record not found: Cannot load service",
                    hint: "is S1 the service's id?")
            ) { try await client.activeVersion() }
        }
        try await Fastly([:]).serve(key: "another") { client in
            await #expect(
                throws: Failure(
                    .unauthenticated, "\(client.api) does not know the key",
                    hint: "write a key of it into the file of edge: remote: key:")
            ) { try await client.activeVersion() }
        }
        var answers = RemoteDraftTests.read
        answers["PUT /service/S1/version/2/clone"] = #"{"number": 3}"#
        answers["PUT /service/S1/version/3"] = "{}"
        answers["DELETE /service/S1/version/3/dictionary/keys"] = "{}"
        answers["POST /service/S1/version/3/dictionary"] = #"{"id": "D4"}"#
        answers["GET /service/S1/version/3/validate"] =
            #"{"status": "error", "msg": "no", "errors": ["Unknown variable 'req.ulr'"]}"#
        try await Fastly(answers).serve { client in
            let there = try await RemoteVersion.read(2, from: client)
            await #expect(
                throws: Failure(
                    .invalid, "\(client.api) finds mistakes in version 3: Unknown variable 'req.ulr'")
            ) {
                try await RemoteDraft(client: client, here: there.service, there: there).make(saying: "x")
            }
        }
        let dead = FastlyClient(api: "http://127.0.0.1:9", service: "S1", key: "k")
        await #expect(throws: Failure.self) { try await dead.activeVersion() }
    }
}
