import Foundation
import Journey
import Kernel
import Testing

/// A browser proves work: a real one, with the page's own script under the page's own policy.
extension Scenarios {
    @Suite(.serialized, .enabled(if: Browser.isThere)) struct ChallengeScenario {
        private static let program = """
            sub vcl_recv {
              if (req.url.path == "/guarded") { set req.http.HQ-Challenge = "required"; }
              error 700;
            }
            sub vcl_error {
              set obj.status = 200;
              set obj.http.Content-Type = "text/html";
              synthetic "<main>the form, at last</main>";
              return(deliver);
            }

            """

        private func edge(_ port: Int, _ more: [String] = []) throws -> (ChildProcess, URL) {
            let folder = try Program.scratch("challenge")
            let file = folder.appendingPathComponent("main.vcl")
            try Data(ChallengeScenario.program.utf8).write(to: file)
            let arguments = [
                "edge", "run", "--vcl", file.path, "--listen", "127.0.0.1:\(port)", "--challenge",
            ]
            return (try Program.start(Program.path, arguments + more), folder)
        }

        @Test func letsABrowserInThatHasProvedWork() async throws {
            let port = Program.freePort()
            let (process, folder) = try edge(port)
            defer {
                Program.end(process)
                try? FileManager.default.removeItem(at: folder)
            }
            let browser = try await Browser()
            let url = "http://127.0.0.1:\(port)/guarded"
            let isUp = await eventually { (try? await browser.open(url)) != nil }
            #expect(isUp)
            #expect(await browser.sees("the form, at last", within: .seconds(60)))
            let cookie = try await browser.run("return document.cookie").string ?? ""
            #expect(cookie.contains("hq-proof="), "\(cookie)")
            // Neither its policy nor its script gave the browser a reason to complain, but the status of the challenge.
            let complaints = try await browser.complaints().filter {
                !$0.contains("403") && !$0.contains("favicon")
            }
            #expect(complaints == [])
            await browser.close()
        }

        /// A page that cannot keep its proof says so, and does not load for ever.
        @Test func saysWhatItNeeds() async throws {
            let port = Program.freePort()
            let (process, folder) = try edge(port, ["--challenge-bits", "8"])
            defer {
                Program.end(process)
                try? FileManager.default.removeItem(at: folder)
            }
            let browser = try await Browser()
            let open = "http://127.0.0.1:\(port)/open"
            #expect(await eventually { (try? await browser.open(open)) != nil })
            // As if the browser kept no cookies.
            try await browser.beforeEachPage(
                "Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} })")
            try await browser.open("http://127.0.0.1:\(port)/guarded")
            #expect(await browser.sees("this browser keeps none", within: .seconds(60)))
            try await browser.picture("challenge", width: 400)
            await browser.close()
        }
    }
}
