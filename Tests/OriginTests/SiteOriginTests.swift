import Foundation
import HTTPKit
import Testing

@testable import Origin

@Suite struct SiteOriginTests {
    let origin: SiteOrigin

    init() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-origin-\(UUID().uuidString)")
        func write(_ name: String, _ text: String) throws {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try write(
            "campaign.yaml",
            """
            campaign: t
            people: [{name: ann, role: admin}]
            sites:
              main: {folder: www, domains: [www.t.example], default: true}
              shop: {folder: shop, domains: [shop.t.example]}

            """)
        try write("www/index.html", "main")
        try write("www/issues/index.html", "issues")
        try write("www/about.html", "about")
        try write("www/404.html", "nothing here")
        try write("www/app.js", "0123456789")
        try write("www/app.js.gz", "gz")
        try write("www/day.ics", "BEGIN")
        try write("shop/index.html", "shop")
        try write("secret.txt", "secret")
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("www/link.txt"),
            withDestinationURL: folder.appendingPathComponent("secret.txt"))
        origin = SiteOrigin(folder: folder)
    }

    private func get(_ path: String, _ headers: [String: String] = [:], query: String = "") async
        -> HTTPResponse
    {
        await origin.respond(
            HTTPRequest(
                method: "GET", path: path, queryText: query,
                headers: ["host": "www.t.example"].merging(headers) { $1 }))
    }

    private func text(_ answer: HTTPResponse) -> String {
        if case .data(let data) = answer.body { String(decoding: data, as: UTF8.self) } else { "" }
    }

    private func header(_ answer: HTTPResponse, _ name: String) -> String? {
        answer.headers.first { $0.0 == name }?.1
    }

    @Test(arguments: [("/", "main"), ("/issues/", "issues"), ("/about", "about"), ("/about.html", "about")])
    func servesCleanPaths(path: String, expected: String) async {
        let answer = await get(path)
        #expect(answer.status == 200 && text(answer) == expected)
    }

    @Test func choosesTheSiteByItsHost() async {
        #expect(text(await get("/", ["host": "shop.t.example:8080"])) == "shop")
        #expect(text(await get("/", ["host": "unknown.example"])) == "main")
    }

    @Test func sendsFoldersToTheirSlashAndKeepsTheQuery() async {
        let answer = await get("/issues", query: "ref=1")
        #expect(answer.status == 301 && header(answer, "Location") == "/issues/?ref=1")
    }

    @Test(arguments: ["/nothing", "/404", "/404.html"]) func saysThatNothingIsThere(path: String) async {
        let answer = await get(path)
        #expect(answer.status == 404 && text(answer) == "nothing here")
    }

    @Test(arguments: [
        "/../secret.txt", "/issues/../../secret.txt", "/link.txt", "/.git", "/\u{0}", "//../secret.txt",
        "//about",
    ])
    func leavesNoWayOut(path: String) async {
        #expect(await get(path).status == 404)
    }

    @Test(arguments: [
        ("/%61bout", true), ("/issues%2f", true), ("/a%20b", false), ("/caf%C3%A9", false), ("/%zz", true),
    ])
    func knowsAddressesThatHideWhatTheyName(path: String, isHidden: Bool) async {
        let request = HTTPRequest(
            method: "GET", path: path.removingPercentEncoding ?? path, headers: ["host": "www.t.example"],
            rawPath: path)
        #expect(request.isEncodedNeedlessly == isHidden)
        if isHidden { #expect(await origin.respond(request).status == 404) }
    }

    @Test func answersConditionsAndRanges() async throws {
        let whole = await get("/app.js")
        let etag = try #require(header(whole, "ETag"))
        let modified = try #require(header(whole, "Last-Modified"))
        #expect(await get("/app.js", ["if-none-match": "W/\(etag), \"x\""]).status == 304)
        #expect(await get("/app.js", ["if-modified-since": modified]).status == 304)
        #expect(
            await get("/app.js", ["if-none-match": "\"x\"", "if-modified-since": modified]).status == 200)
        let part = await get("/app.js", ["range": "bytes=2-4"])
        #expect(part.status == 206 && text(part) == "234" && header(part, "Content-Range") == "bytes 2-4/10")
        #expect(text(await get("/app.js", ["range": "bytes=-3"])) == "789")
        #expect(await get("/app.js", ["range": "bytes=10-"]).status == 416)
        #expect(await get("/app.js", ["range": "bytes=0-1", "if-range": "\"x\""]).status == 200)
    }

    @Test func servesWhatWasCompressedBefore() async {
        let answer = await get("/app.js", ["accept-encoding": "gzip, br;q=0.5"])
        #expect(text(answer) == "gz" && header(answer, "Content-Encoding") == "gzip")
        #expect(header(answer, "Vary") == "Accept-Encoding")
        #expect(header(await get("/app.js", ["accept-encoding": "gzip;q=0"]), "Content-Encoding") == nil)
    }

    @Test func knowsTypes() async {
        #expect(header(await get("/day.ics"), "Content-Type") == "text/calendar; charset=utf-8")
        #expect(header(await get("/"), "Content-Type") == "text/html; charset=utf-8")
    }
}
