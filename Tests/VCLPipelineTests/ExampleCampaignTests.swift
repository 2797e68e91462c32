import Diagnostics
import Foundation
import Kernel
import Testing
import VCLRuntime
import VCLTesting

@testable import VCLPipeline

/// The example campaign's program goes through its own pipeline: lint, format, both kinds of tests, the floor of coverage.
@Suite struct ExampleCampaignTests {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "../../examples/for-america").standardizedFileURL

    private static func file(_ name: String) throws -> SourceFile {
        SourceFile(name: name, text: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }

    /// What `first:` of each dictionary holds in the campaign file, which is written in lines; and the names of those that are
    /// access lists.
    private static func dictionaries() throws -> (entries: [String: [String: String]], lists: [String]) {
        let text = try String(contentsOf: folder.appending(path: "campaign.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n").drop { $0 != "dictionaries:" }.dropFirst()
            .prefix { $0.hasPrefix(" ") }.filter { $0.first { $0 != " " } != "#" }
        var (found, name): ([String: [String: String]], String) = ([:], "")
        var lists: [String] = []
        var section = ""
        for line in lines where !line.contains("#") {
            let depth = line.prefix { $0 == " " }.count
            let parts = line.dropFirst(depth).split(separator: ":", maxSplits: 1).map(String.init)
            if depth == 2, parts.count == 1 {
                name = parts[0]
                found[name] = [:]
            } else if depth == 4 {
                section = parts[0]
                if line.hasSuffix("kind: addresses") {
                    lists.append(name)
                    found[name] = nil
                }
            } else if depth == 6, section == "first" {
                let value = parts[1].split { $0 == " " || $0 == "\"" }
                found[name]?[parts[0]] = String(value[0])
            }
        }
        return (found, lists)
    }

    private static func pipeline() throws -> Pipeline {
        let (dictionaries, lists) = try dictionaries()
        var model = ServiceModel()
        model.accessLists = lists
        model.dictionaries = dictionaries.keys.sorted()
        model.prelude = [
            SourceFile(name: "backends", text: #"backend F_origin { .host = "127.0.0.1"; .port = "8092"; }"#)
        ]
        let main = try file("edge/main.vcl")
        var candidate = Candidate(main: main, model: model, dictionaries: dictionaries)
        candidate.files = [main]
        candidate.tests = [try file("edge/main.test.vcl"), try file("edge/requests.test.yaml")]
        var pipeline = Pipeline(candidate, clock: { 1_767_225_600_000_000_000 })
        pipeline.floor = 90
        return pipeline
    }

    @Test func passesItsOwnPipeline() throws {
        let report = try Self.pipeline().run()
        #expect(report.passed, "\(report.reason ?? ""): \(report.failures)")
        #expect(report.stages.map(\.name) == ["lint", "format", "tests", "coverage"])
        #expect(report.findings.isEmpty, "\(report.findings.rendered())")
    }

    @Test func hasTestsOfBothKinds() throws {
        let results = try Self.pipeline().run().results
        #expect(results.map { $0.results.count >= 15 } == [true, true])
    }

    /// Each kind of test by itself, so that neither is there for show.
    @Test func coversItsProgramByUnitTestsAlone() throws {
        let units = try #require(try Self.pipeline().run().results.first)
        #expect(units.coverage.statements().percent >= 90)
        #expect(units.coverage.branches().percent >= 90)
    }

    @Test func holdsItsFloorInTheCampaignFile() throws {
        let text = try Self.file("campaign.yaml").bytes
        #expect(String(decoding: text, as: UTF8.self).contains("\n  coverage: 90%\n"))
    }

    /// A program without one of its rules does not pass: tests can fail.
    @Test(arguments: [
        ("&& req.http.X-Country != \"US\"", ""), ("unset req.http.Cookie;", ""),
        ("std.tolower(req.url.path)", "req.url.path"),
        ("beresp.stale_if_error = 1d", "beresp.stale_if_error = 1s"),
        ("obj.status = 451", "obj.status = 403"),
        ("\"^(utm_|fbclid|gclid)\"", "\"^(utm_|fbclid)\""), ("!(client.ip ~ staff)", "client.ip ~ staff"),
    ])
    func failsWithoutARule(_ rule: String, _ instead: String) throws {
        var pipeline = try Self.pipeline()
        let main = String(decoding: pipeline.candidate.main.bytes, as: UTF8.self)
        #expect(main.contains(rule))
        var candidate = pipeline.candidate
        candidate.main = SourceFile(name: candidate.main.name, text: main.replacing(rule, with: instead))
        candidate.files = []
        pipeline = Pipeline(candidate, clock: pipeline.clock)
        let report = pipeline.run()
        #expect(!report.failures.isEmpty, "no test misses '\(rule)'")
    }
}
