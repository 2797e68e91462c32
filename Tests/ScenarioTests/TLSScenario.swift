import Foundation
import Journey
import Kernel
import Testing

/// A campaign whose file says TLS.
extension Scenarios {
    @Suite(.serialized) struct TLSScenario {
        private static var hasTools: Bool {
            ["curl", "openssl"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0)
            }
        }

        private static func campaign(port: Int) -> String {
            """
            campaign: secure
            timezone: America/New_York
            people: [{name: ann, role: admin}]
            edge:
              tls:
                listen: 127.0.0.1:\(port)
                certificates: [{certificate: tls/www.pem, key: tls/www.key}]
                redirect: true
                hsts: 1d
              backends: {origin: {sites: true}}
            sites:
              main: {folder: www, domains: [www.localhost], default: true}

            """
        }

        private func run(_ tool: String, _ words: [String]) async throws -> (status: Int32, text: String) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: tool)
            process.arguments = words
            let out = Pipe()
            process.standardOutput = out
            process.standardError = FileHandle.nullDevice
            try process.run()
            let data = out.fileHandleForReading.readDataToEndOfFile()
            #expect(await eventually { !process.isRunning })
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }

        @Test(.enabled(if: hasTools, "curl or openssl is not installed"))
        func servesItsCertificateAndRedirects() async throws {
            let folder = try Program.scratch("tls")
            let port = Program.freePort()
            for name in ["www", "tls"] {
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            let chain = folder.appendingPathComponent("tls/www.pem").path
            try Data(Self.campaign(port: port).utf8).write(
                to: folder.appendingPathComponent("campaign.yaml"))
            try Data("<p>home".utf8).write(to: folder.appendingPathComponent("www/index.html"))
            let hq = Program.path.path
            // Nothing to serve with yet: it is said, and nothing starts.
            #expect(try await run(hq, ["check", "--dir", folder.path]).status == 1)
            #expect(try await run(hq, ["up", "--dir", folder.path]).status == 1)
            let made = try await run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "30", "-subj", "/CN=test", "-addext", "subjectAltName=DNS:www.localhost",
                    "-keyout", folder.appendingPathComponent("tls/www.key").path, "-out", chain,
                ])
            #expect(made.status == 0)
            #expect(try await run(hq, ["check", "--dir", folder.path]).status == 0)
            let campaign = try await RunningCampaign(folder: folder)
            defer { campaign.stop() }
            #expect(await campaign.status("/") == 301)
            let page = try await run(
                "/usr/bin/curl",
                [
                    "-sS", "-D", "-", "--cacert", chain, "--resolve", "www.localhost:\(port):127.0.0.1",
                    "https://www.localhost:\(port)/",
                ])
            #expect(page.status == 0 && page.text.contains("<p>home"), "\(page.text)")
            #expect(page.text.lowercased().contains("strict-transport-security: max-age=86400"))
            let table = try await campaign.run("status").text(colour: false)
            #expect(table.contains("https://127.0.0.1:\(port)"), "\(table)")
        }
    }
}
