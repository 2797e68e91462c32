import Diagnostics
import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import VCLSimulator

/// VCL, Difference: what would another program do differently?
extension Console {
    private struct DifferencePage {
        struct Version {
            let number: Int64
            let label: String
            let isChosen: Bool
        }
        struct Result {
            let headline: String
            let mistakes: String?
            let hasDifferences: Bool
            let differences: [DifferenceView]
            let hasText: Bool
            let text: [DiffLine]
            let textNote: String
        }
        let mainName: String
        let formToken: String
        let form: SimulationForm
        let version: String
        let hasVersions: Bool
        let versions: [Version]
        let candidate: String
        let requests: String
        let problem: String?
        let result: Result?
    }

    func difference(_ visit: Visit) async throws -> HTTPResponse {
        let active = try await source.program()
        let isSent = visit.request.method == "POST"
        let version = isSent ? visit.field("version") : visit.query("version")
        let form = SimulationForm { visit.form[$0]?.first }
        var problem: Failure?
        var result: DifferencePage.Result?
        var files = active.files
        do {
            if !version.isEmpty { files = try await filesOf(version) }
            if isSent {
                files[active.mainName] = SimulationForm.lines(visit.field("candidate"))
                result = try await compare(active, files, form, visit.field("requests"))
            }
        } catch let failure as Failure {
            problem = failure
        }
        let entries = try await source.programVersions()
        let now = Date().milliseconds
        let page = DifferencePage(
            mainName: active.mainName, formToken: visit.session.formToken, form: form, version: version,
            hasVersions: entries.count > 1,
            versions: entries.map { entry in
                DifferencePage.Version(
                    number: entry.number,
                    label:
                        "\(entry.number), \(entry.actor.name), \(Distance.text(entry.at, now: now)): \(entry.change.summary.cut(to: 60))",
                    isChosen: "\(entry.number)" == version)
            },
            candidate: isSent
                ? visit.field("candidate")
                : files[active.mainName] ?? active.text(of: active.mainName) ?? "",
            requests: isSent ? visit.field("requests") : try await askedForMost(),
            problem: problem.map { Console.words($0) }, result: result)
        return try await layout(
            "Difference", Templates.render("difference", page), session: visit.session, at: "/vcl/simulate",
            command: "hq vcl diff", status: problem?.httpStatus ?? 200)
    }

    private func filesOf(_ version: String) async throws -> [String: String] {
        guard let number = Int64(version) else {
            throw Failure(.usage, "versions have numbers, '\(version)' is none")
        }
        return try await source.programFiles(version: number).filter { $0.key.hasSuffix(".vcl") }
    }

    /// What visitors ask for most at the moment; the front page when nobody asks for anything.
    private func askedForMost() async throws -> String {
        let host = try await defaultHost()
        let samples = await source.traffic().samples(now: Date().milliseconds)
        let lines = EdgeSample.mergedPaths(samples).prefix(ConsoleLimits.offeredPaths).map {
            $0.host == host ? $0.path : "http://\($0.host)\($0.path)"
        }
        return (lines.isEmpty ? ["/"] : lines).joined(separator: "\n")
    }

    // MARK: comparing

    private func compare(
        _ active: EdgeSnapshot, _ files: [String: String], _ form: SimulationForm, _ lines: String
    ) async throws -> DifferencePage.Result {
        let requests = try Console.requests(lines, host: try await defaultHost())
        let answer = try form.answer()
        var other = active
        other.files = files
        other.main = active.mainName
        let candidate = other
        let (found, asked, mistakes) = try await bench.run {
            let now = Date().nanoseconds
            let before: SimulatedEdge
            let after: SimulatedEdge
            do { before = try active.simulated(now: now) } catch is SimulatedEdge.Mistake {
                throw Failure(.invalid, "the active program has mistakes", hint: "hq check shows them")
            }
            do { after = try candidate.simulated(now: now) } catch let mistake as SimulatedEdge.Mistake {
                return ([BehaviourDifference](), 0, mistake.diagnostics)
            }
            before.backend = { _ in answer }
            after.backend = { _ in answer }
            let (found, asked) = Console.compare(before, after, requests)
            return (found, asked, [PlacedDiagnostic]())
        }
        let text = DiffLine.lines(from: active, to: candidate)
        let count = mistakes.count { $0.severity == .error }
        return DifferencePage.Result(
            headline: mistakes.isEmpty
                ? Console.counts(found.count, of: asked, left: requests.count - asked)
                : "It has \(counted(count, "mistake")), so that it cannot be tried.",
            mistakes: mistakes.isEmpty
                ? nil : Array(mistakes.prefix(ConsoleLimits.mistakes)).rendered(),
            hasDifferences: !found.isEmpty, differences: DifferenceView.grouped(found),
            hasText: !(text ?? []).isEmpty, text: text ?? [],
            textNote: text == nil
                ? "The texts differ in too many lines to be shown side by side."
                : "The text is the same, line by line.")
    }

    /// What differs, and how many requests were sent before the time for one page was over.
    private static func compare(
        _ before: SimulatedEdge, _ after: SimulatedEdge, _ requests: [SimulatedRequest]
    ) -> ([BehaviourDifference], Int) {
        let end = ContinuousClock.now + ConsoleLimits.simulationTime
        var found: [BehaviourDifference] = []
        var asked = 0
        for one in requests where ContinuousClock.now < end {
            found += BehaviourDifference.compare(before: before, after: after, requests: [one])
            asked += 1
        }
        return (found, asked)
    }

    private static func counts(_ different: Int, of all: Int, left: Int) -> String {
        let same = all - different
        let late = left > 0 ? " The time was over before the other \(left) were tried." : ""
        if different == 0 {
            return (all == 1 ? "The answer is the same." : "All \(all) answers are the same.") + late
        }
        return "\(counted(different, "answer")) of \(all) \(different == 1 ? "differs" : "differ")"
            + (same > 0 ? ", \(same) \(same == 1 ? "is" : "are") the same." : ".") + late
    }

    /// One on each line: a path or a URL, with a method before it or without.
    private static func requests(_ text: String, host: String) throws -> [SimulatedRequest] {
        let found = try text.split(whereSeparator: \.isNewline).compactMap { line -> SimulatedRequest? in
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.count {
            case 0: return nil
            case 1: return try SimulationForm.request("GET", words[0], host: host)
            case 2 where SimulationForm.methods.contains(words[0]):
                return try SimulationForm.request(words[0], words[1], host: host)
            default:
                throw Failure(.usage, "'\(line)' is no request", hint: "write it as /donate or POST /join")
            }
        }
        guard !found.isEmpty else { throw Failure(.usage, "no request is given", hint: "write / for one") }
        guard found.count <= ConsoleLimits.comparedRequests else {
            throw Failure(.limit, "at most \(ConsoleLimits.comparedRequests) requests are compared at once")
        }
        return found
    }
}
