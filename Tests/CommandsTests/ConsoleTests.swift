import ControlPlane
import Foundation
import HTTPKit
import Journey
import People
import Testing

@testable import Commands
@testable import Console

@Suite struct ConsoleTests {
    @Test func showsNothingToStrangers() async throws {
        let hq = try await TestHQ()
        for path in [
            "/", "/timeline", "/edge", "/dictionaries", "/calendar", "/account", "/commands", "/live/now",
            "/rehearsals", "/rehearsals/0123456789abcdef", "/live/rehearsals",
        ] {
            let answer = await hq.page("GET", path)
            #expect(answer.status == 303 && answer.header("Location") == "/login", "\(path)")
        }
        let login = await hq.page("GET", "/login")
        #expect(login.status == 401 && login.text.contains("hq login"))
        #expect(login.header("Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
    }

    @Test func usesUpALinkByAClickNotByALook() async throws {
        let hq = try await TestHQ()
        let ann = Actor(name: "ann", role: .admin, door: .terminal)
        let link = try await hq.control.makeLink(for: "vic", by: ann, argv: [])
        let token = String(link.split(separator: "=").last ?? "")
        for _ in 0..<2 {
            #expect(await hq.page("GET", "/login", query: ["link": token]).text.contains("Hello vic"))
        }
        let first = await hq.page("POST", "/login", "link=\(token)")
        let cookie = first.header("Set-Cookie") ?? ""
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        #expect(await hq.page("POST", "/login", "link=\(token)").header("Set-Cookie") == nil)
        #expect(await hq.page("GET", "/login", query: ["link": token]).status == 401)
    }

    @Test func everyPageIsSmallAndWhole() async throws {
        let hq = try await TestHQ()
        let (cookie, _) = try await hq.login("edie")
        for path in [
            "/", "/timeline", "/timeline/1", "/edge", "/dictionaries", "/dictionaries/redirects", "/calendar",
            "/account", "/commands", "/commands/dict/set", "/rehearsals",
        ] {
            let answer = await hq.page("GET", path, cookie: cookie)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.data.count < 30_000 && answer.text.hasSuffix("</html>\n"), "\(path)")
            #expect(!answer.text.contains("{{") && !answer.text.contains("Optional("), "\(path)")
            // The policy forbids both; a page that needs them would be broken.
            #expect(!answer.text.contains(" style=") && !answer.text.contains(" onclick="), "\(path)")
        }
    }

    /// The form that a preview's page holds, as a browser would send it.
    private func proposed(_ page: String, _ form: String) -> String {
        let fields = ["proposal", "since"].map { name in
            let start = page.range(of: "name=\"\(name)\" value=\"")?.upperBound ?? page.endIndex
            let text = page[start...].prefix { $0 != "\"" }.replacing("&quot;", with: "\"")
                .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&#39;", with: "'")
                .replacing("&amp;", with: "&")
            return "\(name)=" + (text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
        }
        return "form=\(form)&" + fields.joined(separator: "&")
    }

    @Test func changesAnEntryAfterAPreviewAndTakesItBack() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("edie")
        let fields = "form=\(form)&dict=redirects&key=%2Fdebate&value=https%3A%2F%2Fx.example&action=set"
        let preview = await hq.page("POST", "/change/preview", fields, cookie: cookie)
        #expect(
            preview.text.contains("GET www.test.example/debate")
                && preview.text.contains("the page"))
        let shown = await hq.page("GET", "/dictionaries/redirects", cookie: cookie)
        #expect(!shown.text.contains("x.example"))
        let applied = await hq.page(
            "POST", "/change/apply", proposed(preview.text, form) + "&because=debate+night", cookie: cookie)
        #expect(applied.status == 303)
        let timeline = await hq.page("GET", "/timeline", cookie: cookie)
        #expect(timeline.text.contains("debate night") && timeline.text.contains("edie, console"))
        let undone = await hq.page("POST", "/timeline/3/undo", "form=\(form)", cookie: cookie)
        #expect(undone.header("Location")?.hasPrefix("/timeline/4") == true)
        #expect(await hq.page("GET", "/timeline", cookie: cookie).text.contains("undone by 4"))
    }

    @Test func overwritesNothingThatChangedSinceThePreview() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("edie")
        let token = try await hq.token("ann")
        let preview = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=redirects&key=%2Fa&value=%2Fmine&action=set",
            cookie: cookie)
        _ = await hq.api(
            "POST", "/v1/dict/set", #"{"dict": "redirects", "key": "/a", "value": "/by-ann"}"#, token: token)
        let answer = await hq.page(
            "POST", "/change/apply", proposed(preview.text, form) + "&because=mine", cookie: cookie)
        #expect(answer.text.contains("changed meanwhile by ann") && answer.text.contains("value=\"mine\""))
        #expect(await !hq.page("GET", "/dictionaries/redirects", cookie: cookie).text.contains("/mine"))
        // What was typed is still there, and the decision can be made anew.
        let anew = await hq.page("POST", "/change/apply", proposed(answer.text, form), cookie: cookie)
        #expect(anew.status == 303)
    }

    @Test func keepsWhatWasFilledInWhenSomethingIsWrong() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("edie")
        let preview = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=redirects&key=%2Fx&value=%2Fy&action=set",
            cookie: cookie)
        let answer = await hq.page(
            "POST", "/change/apply",
            proposed(preview.text, form) + "&because=my+reason&at=half+past+noon", cookie: cookie)
        #expect(answer.text.contains("is no time") && answer.text.contains("value=\"my reason\""))
        #expect(answer.text.contains("value=\"half past noon\""))
    }

    @Test func noPageHasASecretInIt() async throws {
        let hq = try await TestHQ(dictionary: "tokens: {kind: secrets}")
        let (cookie, form) = try await hq.login("edie")
        let preview = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=tokens&key=api&value=geheim&action=set",
            cookie: cookie)
        #expect(preview.status == 200 && !preview.text.contains("geheim"))
        let applied = await hq.page("POST", "/change/apply", proposed(preview.text, form), cookie: cookie)
        #expect(applied.status == 303)
        for path in ["/dictionaries/tokens", "/timeline", "/timeline/3", "/dictionaries?find=geheim"] {
            let text = await hq.page("GET", path, cookie: cookie).text
            #expect(
                !text.contains("geheim</code>") && (path.contains("find") || !text.contains("geheim")),
                "\(path)")
        }
        // Nor does a command line take one.
        let token = try await hq.token("edie")
        for body in [
            #"{"argv": ["dict", "set", "tokens", "api", "geheim"]}"#,
            #"{"argv": ["dict", "change", "--set", "tokens:api=geheim"]}"#,
        ] {
            let answer = await hq.api("POST", "/v1/commands", body, token: token)
            #expect(
                answer.json["headline"]?.string?.contains("a secret does not stand on a command line") == true
            )
        }
    }

    @Test func logsOut() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("vic")
        _ = await hq.page("POST", "/logout", "form=\(form)", cookie: cookie)
        #expect(await hq.page("GET", "/", cookie: cookie).header("Location") == "/login")
    }

    @Test func takesNoFormThatIsNotItsOwn() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("edie")
        let (_, other) = try await hq.login("vic")
        let preview = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=redirects&key=%2Fx&value=y&action=set",
            cookie: cookie)
        func apply(_ form: String, origin: String?) async -> Int {
            await hq.page(
                "POST", "/change/apply", proposed(preview.text, form), cookie: cookie, origin: origin
            ).status
        }
        #expect(await apply("", origin: "http://hq.test") == 403)
        #expect(await apply(other, origin: "http://hq.test") == 403)
        #expect(await apply(form, origin: "http://evil.example") == 403)
        #expect(await apply(form, origin: "http://hq.test") == 303)
    }

    @Test(arguments: ["\u{600}", "\u{301}", ""]) func escapesSignsThatMarksHide(mark: String) {
        let text = EscapedHTML().escapeText(mark + "<b title=\"" + mark + "\">" + "'" + mark)
        #expect(!text.utf8.contains { "<>\"'".utf8.contains($0) })
    }

    @Test func escapesWhatPeopleWrite() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("edie")
        let evil = "%D8%80%3Cscript%3Ealert(1)%3C%2Fscript%3E"
        let preview = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=redirects&key=\(evil)&value=\(evil)&action=set",
            cookie: cookie)
        #expect(!preview.text.contains("<script>alert"))
        _ = await hq.page(
            "POST", "/change/apply", proposed(preview.text, form) + "&because=\(evil)", cookie: cookie)
        for path in ["/", "/timeline", "/timeline/3", "/dictionaries/redirects"] {
            let text = await hq.page("GET", path, cookie: cookie).text
            #expect(text.contains("&lt;script&gt;") && !text.contains("<script>alert"), "\(path)")
        }
    }

    @Test func aViewerSeesEverythingAndChangesNothing() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("vic")
        let shown = await hq.page("GET", "/dictionaries/redirects", cookie: cookie)
        #expect(shown.status == 200 && !shown.text.contains("Preview"))
        let answer = await hq.page(
            "POST", "/change/preview", "form=\(form)&dict=redirects&key=%2Fx&value=y&action=set",
            cookie: cookie)
        #expect(answer.status == 403 && answer.text.contains("It takes one of: editor, operator, admin"))
    }

    @Test func anAdminActsAsOneOnlyWithTheSecondFactor() async throws {
        let hq = try await TestHQ()
        let (cookie, form) = try await hq.login("ann")
        let invite = "form=\(form)&name=nell&role=viewer"
        let refused = await hq.page("POST", "/commands/people/invite", invite, cookie: cookie)
        #expect(refused.text.contains("Ann may not do that as editor"))
        let account = await hq.page("GET", "/account", cookie: cookie).text
        let key = try #require(account.firstMatch(of: #/Key: <code>([A-Z2-7 ]+)</code>/#)).1.replacing(
            " ", with: "")
        func code(_ offset: Int64) -> String {
            OneTimePassword.code(String(key), step: Int64(Date().timeIntervalSince1970) / 30 + offset)
        }
        #expect(
            await hq.page("POST", "/account/factor", "form=\(form)&code=000000", cookie: cookie).status == 401
        )
        let right = await hq.page("POST", "/account/factor", "form=\(form)&code=\(code(0))", cookie: cookie)
        #expect(right.status == 303)
        let done = await hq.page("POST", "/commands/people/invite", invite, cookie: cookie)
        #expect(done.text.contains("nell joins as viewer"))
        // The next session sees nothing before it has shown a code, and a code is good once.
        let (next, nextForm) = try await hq.login("ann")
        #expect(await hq.page("GET", "/timeline", cookie: next).header("Location") == "/login/code")
        let same = await hq.page("POST", "/login/code", "form=\(nextForm)&code=\(code(0))", cookie: next)
        #expect(same.status == 401)
        let later = await hq.page("POST", "/login/code", "form=\(nextForm)&code=\(code(1))", cookie: next)
        #expect(later.header("Location") == "/")
        #expect(await hq.page("GET", "/timeline", cookie: next).status == 200)
    }

    @Test func endsASessionAtOnce() async throws {
        let hq = try await TestHQ()
        let (cookie, _) = try await hq.login("edie")
        #expect(await hq.page("GET", "/timeline", cookie: cookie).status == 200)
        let token = try await hq.token("ann")
        let ended = await hq.api("POST", "/v1/people/logout", #"{"name": "edie"}"#, token: token)
        #expect(ended.json["headline"]?.string == "1 session of edie ended")
        #expect(await hq.page("GET", "/timeline", cookie: cookie).status == 303)
    }
}
