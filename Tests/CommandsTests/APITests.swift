import ControlPlane
import Foundation
import Journey
import Testing

@testable import Commands

@Suite struct APITests {
    @Test func listsEveryCommandWithItsParameters() throws {
        let set = try #require(CommandTable.all.first { $0.path == ["dict", "set"] })
        #expect(!set.isReading)
        #expect(
            set.parameters.map(\.name) == [
                "dict", "key", "value", "expect", "expect-none", "at", "for", "because", "dry-run",
                "override",
            ])
        #expect(set.parameters.filter(\.isRequired).map(\.name) == ["dict", "key"])
        let invite = try #require(CommandTable.all.first { $0.path == ["people", "invite"] })
        #expect(
            invite.parameters.first { $0.name == "role" }?.choices == [
                "viewer", "editor", "operator", "admin",
            ])
        let file = CommandTable.all.first { $0.path == ["dict", "import"] }?.parameters.first { $0.isFile }
        #expect(file?.name == "file")
        #expect(!CommandTable.all.contains { $0.path == ["init"] || $0.path == ["edge", "run"] })
        #expect(CommandTable.all.allSatisfy { !$0.about.isEmpty })
    }

    @Test func takesTypedRoutesAndArgvAlike() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("edie")
        let set = await hq.api(
            "POST", "/v1/dict/set",
            #"{"dict": "redirects", "key": "/debate", "value": "https://x.example", "because": "debate night"}"#,
            token: token)
        #expect(set.status == 200)
        let shown = await hq.api("GET", "/v1/dict/show", query: ["dict": "redirects"], token: token)
        #expect(shown.json["data"]?["entries"]?["/debate"]?.string == "https://x.example")
        let same = await hq.api(
            "POST", "/v1/commands", #"{"argv": ["dict", "show", "redirects"]}"#, token: token)
        #expect(same.json == shown.json)
        let imported = await hq.api(
            "POST", "/v1/dict/import", #"{"dict": "redirects", "file": "/c,/d\n/e,/f\n", "dry-run": true}"#,
            token: token)
        #expect(
            imported.json["headline"]?.string
                == "would change: redirects: import of 2 new, 0 changed, 0 removed")
    }

    @Test func saysWhatIsWrongWithARequest() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("edie")
        #expect(await hq.api("GET", "/v1/dict/set", token: token).status == 400)
        #expect(await hq.api("GET", "/v1/nothing", token: token).status == 404)
        #expect(await hq.api("POST", "/v1/dict/set", "[1]", token: token).status == 400)
        let wrong = await hq.api("POST", "/v1/dict/set", #"{"dict": "redirects", "kye": "/a"}"#, token: token)
        #expect(wrong.json["hint"]?.string == "did you mean 'key'?")
        let missing = await hq.api("POST", "/v1/dict/set", #"{"dict": "redirects"}"#, token: token)
        #expect(missing.json["headline"]?.string == "dict set needs 'key'")
    }

    @Test func survivesWhatMakesNoSense() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("vic")
        for argv in [
            #"["token","create","--expires","100000d100000d"]"#, #"["log","--grep","%a%a%a_"]"#,
            #"["dict","set","redirects","/a","x\n"]"#, #"[]"#, #"["up"]"#,
        ] {
            let answer = await hq.api("POST", "/v1/commands", #"{"argv": \#(argv)}"#, token: token)
            #expect(answer.status < 500, "\(argv): \(answer.json.text)")
        }
    }

    @Test func publishesNothingThatIsNoText() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("edie")
        for value in ["null", "1.5", "{}", "[[1]]"] {
            let body = #"{"dict": "redirects", "key": "/x", "value": \#(value)}"#
            #expect(await hq.api("POST", "/v1/dict/set", body, token: token).status == 400, "\(value)")
        }
    }

    @Test func findsReasonsInTheLedger() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("edie")
        let body = #"{"dict": "redirects", "key": "/x", "value": "/y", "because": "xylophone 100%"}"#
        _ = await hq.api("POST", "/v1/dict/set", body, token: token)
        for (part, count) in [("xylophone", 1), ("100%", 1), ("100_", 0), ("%", 1)] {
            let found = await hq.api("GET", "/v1/log/list", query: ["grep": part], token: token)
            guard case .array(let entries) = found.json["data"]?["entries"] else {
                Issue.record("no entries")
                return
            }
            #expect(entries.count == count, "\(part)")
        }
    }

    @Test func aTokenOpensNoSessionThatMayDoMore() async throws {
        let hq = try await TestHQ()
        let weak = try await hq.control.createToken(
            for: "ann", role: .viewer, label: "weak", life: .seconds(60),
            by: Actor(name: "ann", role: .admin, door: .terminal), argv: []
        ).token
        let link = await hq.api("POST", "/v1/login", token: weak).json["data"]?["link"]?.string ?? ""
        let word = String(link.split(separator: "=").last ?? "")
        let cookie = await hq.page("POST", "/login", "link=\(word)").header("Set-Cookie") ?? ""
        let page = await hq.page("GET", "/account", cookie: String(cookie.split(separator: ";").first ?? ""))
        #expect(page.text.contains("ann, viewer") && !page.text.contains("Set up a second factor"))
    }

    @Test func knowsNobodyWithoutAGoodToken() async throws {
        let hq = try await TestHQ()
        for token in [nil, "hq_wrong", ""] {
            let answer = await hq.api("GET", "/v1/status", token: token)
            #expect(answer.status == 401 && answer.json["hint"]?.string?.contains("hq token create") == true)
        }
        #expect(await hq.api("GET", "/v1/edges/feed", query: ["edge": "e"], token: "hq_wrong").status == 401)
    }

    @Test func letsAViewerReadEverythingAndChangeNothing() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("vic")
        let before = await hq.api("GET", "/v1/log/list", token: token).json["data"]
        // With arguments that would do something for somebody else.
        let values: [String: String] = [
            "dict": "redirects", "key": "/a", "value": "/z", "number": "1", "name": "edie", "id": "1",
            "file": "{}", "person": "edie", "folder": "program", "position": "on",
        ]
        for command in CommandTable.all {
            var own: [String: String] = [:]
            for parameter in command.parameters where parameter.kind == .positional {
                own[parameter.name] = values[parameter.name]
            }
            if command.path == ["purge"] { own["all"] = "true" }
            if command.isReading {
                let answer = await hq.api(
                    "GET", "/v1/" + command.path.joined(separator: "/"), query: own, token: token)
                #expect(answer.status == 200, "\(command.path)")
            } else if !["login", "create"].contains(command.path.last) {
                let body = String(decoding: try JSON.text(of: own), as: UTF8.self)
                let answer = await hq.api(
                    "POST", "/v1/" + command.path.joined(separator: "/"), body, token: token)
                #expect(answer.status == 403 || answer.status == 409, "\(command.path): \(answer.json.text)")
            }
        }
        #expect(await hq.api("GET", "/v1/log/list", token: token).json["data"] == before)
    }
}
