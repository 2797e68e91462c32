import FastlyAPI
import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

@testable import Commands

/// The Fastly-compatible API as a door of the control plane: who may what, and what a refusal looks like.
@Suite struct FastlyDoorTests {
    private struct Door {
        let hq: TestHQ
        let server: FastlyServer
        let key: String

        init(_ person: String = "ann", dictionary: String = "") async throws {
            hq = try await TestHQ(dictionary: dictionary)
            server = FastlyServer(source: ControlFastly(control: hq.control))
            key = try await hq.token(person)
        }

        func ask(
            _ method: String, _ path: String, _ body: String = "", type: String = "application/json",
            key other: String? = nil
        ) async -> (status: Int, json: JSON, answer: HTTPResponse) {
            let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
            let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map {
                $0.split(separator: "=", maxSplits: 1).map(String.init)
            }
            let answer = await server.respond(
                HTTPRequest(
                    method: method, path: parts[0].removingPercentEncoding ?? parts[0],
                    query: Dictionary(query.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { $1 },
                    queryText: parts.count > 1 ? parts[1] : "",
                    headers: ["fastly-key": other ?? key, "content-type": type, "host": "h"],
                    body: Data(body.utf8), clientAddress: "192.0.2.7", rawPath: parts[0]))
            return (answer.status, (try? JSONDecoder().decode(JSON.self, from: answer.data)) ?? .null, answer)
        }

        /// The path of a service that was made, and of its first version.
        func service() async throws -> (path: String, version: String) {
            let made = await ask("POST", "/service", #"{"name": "Vote"}"#)
            let path = "/service/\(try #require(made.json["id"]?.string))"
            return (path, path + "/version/1")
        }
    }

    @Test func aStrangerGetsNothing() async throws {
        let door = try await Door()
        let answer = await door.ask("GET", "/service", key: "hq_unknown")
        #expect(answer.status == 401)
        #expect(answer.json["msg"]?.string == "Provided credentials are missing or invalid")
    }

    @Test(arguments: [("vic", 403, 403), ("edie", 200, 403), ("ann", 200, 200)])
    func rolesAreThoseOfHQ(_ person: String, _ item: Int, _ service: Int) async throws {
        let door = try await Door(person)
        let own = await door.ask("GET", "/service")
        guard case .array(let services) = own.json, let id = services.first?["id"]?.string else {
            Issue.record("there is no service: \(own.json)")
            return
        }
        let lists = await door.ask("GET", "/service/\(id)/version/1/dictionary")
        guard case .array(let dictionaries) = lists.json else {
            Issue.record("there are no dictionaries: \(lists.json)")
            return
        }
        let dictionary = try #require(dictionaries.first?["id"]?.string)
        let path = "/service/\(id)/dictionary/\(dictionary)/item/%2Fa"
        #expect(await door.ask("GET", path).json["item_value"]?.string == "/b")
        #expect(await door.ask("PUT", path, #"{"item_value": "/c"}"#).status == item)
        #expect(await door.ask("POST", "/service", #"{"name": "x"}"#).status == service)
    }

    @Test func whatIsNotThereIsEmptyToReadersAndSaidToWriters() async throws {
        let door = try await Door()
        let (path, version) = try await door.service()
        for kind in ["logging/s3", "wordpress", "pool", "logging/datadog"] {
            let read = await door.ask("GET", "\(version)/\(kind)")
            #expect(read.status == 200 && read.json == .array([]), "\(kind)")
            let written = await door.ask("POST", "\(version)/\(kind)", #"{"name": "x"}"#)
            #expect(written.status == 501 && written.json["msg"]?.string == "HQ has no \(kind)")
        }
        #expect(await door.ask("GET", "\(version)/logging/s3/mine").status == 404)
        #expect(await door.ask("GET", "\(version)/http3").status == 404)
        #expect(await door.ask("GET", "\(version)/domain/check_all").status == 501)
        #expect(await door.ask("PUT", "\(version)/activate/staging").status == 501)
        #expect(await door.ask("DELETE", "\(path)/version").status == 405)
        #expect(await door.ask("GET", "/service/none/version/1/backend").status == 404)
    }

    @Test func theCampaignsStructureIsTheCampaignFiles() async throws {
        let door = try await Door()
        guard case .array(let all) = await door.ask("GET", "/service").json, let id = all.first?["id"]?.string
        else {
            Issue.record("there is no service")
            return
        }
        let version = "/service/\(id)/version/1"
        #expect(await door.ask("GET", version + "/domain").json.text.contains("www.test.example"))
        for (kind, body) in [
            ("backend", #"{"name": "b", "address": "127.0.0.1"}"#), ("domain", #"{"name": "b.example"}"#),
            ("dictionary", #"{"name": "b"}"#), ("header", #"{"name": "b"}"#),
        ] {
            let answer = await door.ask("POST", "\(version)/\(kind)", body)
            #expect(answer.status == 403, "\(kind): \(answer.json)")
        }
        #expect(await door.ask("DELETE", "/service/\(id)").status == 403)
    }

    @Test func lintAndGeneratedProgramAreShown() async throws {
        let door = try await Door()
        let (path, version) = try await door.service()
        let wrong = await door.ask("POST", "/vcl_lint", #"{"vcl": "sub vcl_recv { set req.ulr = 1; }"}"#)
        let attributes = wrong.json["data"]?["attributes"]
        #expect(attributes?["status"]?.string == "error" && wrong.json.text.contains("req.ulr"))
        let right = await door.ask("POST", path + "/lint", #"{"vcl": "sub vcl_recv { return(lookup); }"}"#)
        #expect(right.json["data"]?["attributes"]?["status"]?.string == "ok", "\(right.json)")
        _ = await door.ask(
            "POST", version + "/snippet",
            #"{"name": "s", "type": "recv", "content": "set req.http.Here = req.url;"}"#)
        let generated = await door.ask("GET", version + "/generated_vcl")
        #expect(generated.json["content"]?.string?.contains("set req.http.Here") == true)
        #expect(await door.ask("GET", version + "/boilerplate").answer.text.contains("#FASTLY recv"))
        #expect(await door.ask("GET", "/verify").json["user"]?["name"]?.string == "ann")
    }

    @Test func aRefusalSaysWhyAndWhatToDo() async throws {
        let door = try await Door()
        let (path, version) = try await door.service()
        let acl = await door.ask(
            "POST", version + "/acl", "name=blocked", type: "application/x-www-form-urlencoded")
        let entries = "\(path)/acl/\(try #require(acl.json["id"]?.string))"
        let refused = await door.ask("POST", entries + "/entry", #"{"ip": "192.0.2.0", "subnet": 24}"#)
        #expect(refused.status == 403)
        #expect(refused.json["msg"]?.string?.contains("would shut you out") == true, "\(refused.json)")
        #expect(refused.json["detail"]?.string?.contains("!192.0.2.7") == true)
        let wrong = await door.ask("POST", entries + "/entry", #"{"ip": "192.0.2.300"}"#)
        #expect(wrong.status == 400)
        #expect(await door.ask("GET", entries + "/entries").json == .array([]))
    }

    @Test func whatWaitsForASecondPersonIsNoSuccess() async throws {
        let door = try await Door(
            dictionary: "careful: {about: with care, approval: {when: always, by: operator}}")
        guard case .array(let all) = await door.ask("GET", "/service").json,
            let id = all.first?["id"]?.string,
            let dictionary = await door.ask("GET", "/service/\(id)/version/1/dictionary/careful").json["id"]?
                .string
        else {
            Issue.record("the dictionary is not there")
            return
        }
        let answer = await door.ask(
            "POST", "/service/\(id)/dictionary/\(dictionary)/item", #"{"item_key": "a", "item_value": "b"}"#)
        #expect(answer.status == 409)
        #expect(
            answer.json["detail"]?.string?.hasPrefix("somebody else may hq approve") == true, "\(answer.json)"
        )
        #expect(await door.ask("GET", "/service/\(id)/dictionary/\(dictionary)/item/a").status == 404)
    }

    @Test func aSecretIsNeverAnswered() async throws {
        let door = try await Door()
        let (path, version) = try await door.service()
        let made = await door.ask("POST", version + "/dictionary", #"{"name": "keys", "write_only": true}"#)
        let items = "\(path)/dictionary/\(try #require(made.json["id"]?.string))"
        let set = await door.ask("PUT", items + "/item/stripe", #"{"item_value": "sk_live"}"#)
        #expect(set.status == 200 && !set.json.text.contains("sk_live"))
        #expect(await door.ask("GET", items + "/items").status == 403)
        let batch = await door.ask(
            "PATCH", items + "/items",
            #"{"items": [{"op": "update", "item_key": "stripe", "item_value": "new"}]}"#)
        #expect(batch.status == 200)
    }

    @Test func pagesAndBoundsAreSaid() async throws {
        let door = try await Door()
        let (path, version) = try await door.service()
        let made = await door.ask("POST", version + "/dictionary", #"{"name": "d"}"#)
        let items = "\(path)/dictionary/\(try #require(made.json["id"]?.string))/items"
        let steps = (0..<30).map { #"{"op": "create", "item_key": "k\#($0)", "item_value": "v"}"# }
        let batch = await door.ask("PATCH", items, #"{"items": [\#(steps.joined(separator: ","))]}"#)
        #expect(batch.status == 200)
        let page = await door.ask("GET", items + "?page=2&per_page=20")
        guard case .array(let shown) = page.json else {
            Issue.record("no list: \(page.json)")
            return
        }
        #expect(shown.count == 10)
        let last = await door.ask("GET", items + "?direction=descend&per_page=1")
        #expect(last.json.text.contains(#""item_key":"k9""#))
        #expect(last.answer.header("Link")?.contains("page=30&per_page=1") == true)
        #expect(page.answer.header("Link")?.contains("rel=\"prev\"") == true)
        #expect(Int(page.answer.header("Fastly-RateLimit-Remaining") ?? "") != nil)
        // All of it or none.
        let mixed = await door.ask(
            "PATCH", items,
            #"{"items": [{"op": "upsert", "item_key": "new", "item_value": "v"}, {"op": "delete", "item_key": "none"}]}"#
        )
        #expect(mixed.status == 404)
        #expect(await door.ask("GET", items + "?sort=colour").status == 400)
        #expect(await door.ask("GET", String(items.dropLast()) + "/new").status == 404)
    }
}
