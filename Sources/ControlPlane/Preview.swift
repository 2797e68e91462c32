import CampaignFile
import Dictionaries
import EdgeLink
import Foundation
import HTTP1
import Journey
import Kernel
import VCL
import VCLRuntime

/// What visitors will see differently: a few visits, run through the edge's own program with the dictionaries before and after a
/// change. The origin is not asked, so that what comes from it is just what the site has there.
package enum Preview {
    package struct Line: Sendable, Codable, Hashable {
        /// `GET www.example/debate`
        package let visit: String
        package let before: String
        package let after: String
        /// The answer is the same, but for its headers.
        var isOfHeaders = false

        private enum CodingKeys: CodingKey { case visit, before, after }
    }

    struct Visit: Hashable {
        let method: String
        let host: String
        let target: String
        var text: String { "\(method) \(host)\(target)" }
    }

    /// Entries of one change that are tried; an import of thousands shows its first.
    static let entries = 5
    /// Addresses that visitors ask for most, which are tried with every change.
    static let topPaths = 50
    /// Differences that are shown; more is a page that nobody reads.
    static let lines = 20

    /// Visits that differ in the same way, as one line: what is answered otherwise first, then what only has other headers.
    static func grouped(_ lines: [Line]) -> [Line] {
        var groups: [(first: Line, others: [String])] = []
        for line in lines {
            if let place = groups.firstIndex(where: {
                $0.first.before == line.before && $0.first.after == line.after
            }) {
                groups[place].others.append(line.visit)
            } else {
                groups.append((line, []))
            }
        }
        let answers = groups.filter { !$0.first.isOfHeaders } + groups.filter(\.first.isOfHeaders)
        return answers.map { first, others in
            guard let second = others.first else { return first }
            let more = others.count > 1 ? ", and \(others.count - 1) more" : ""
            return Line(
                visit: "\(first.visit), \(second)\(more)", before: first.before, after: first.after,
                isOfHeaders: first.isOfHeaders)
        }
    }

    /// `/path`, or `host/path`, or either behind a method.
    static func visit(_ text: String, in campaign: Campaign) -> Visit {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let place = words.count == 2 ? words[1] : text
        let slash = place.firstIndex(of: "/") ?? place.endIndex
        let host = place[..<slash]
        let target = place[slash...]
        return Visit(
            method: words.count == 2 ? words[0] : "GET",
            host: host.isEmpty ? self.host(of: campaign) : String(host),
            target: target.isEmpty ? "/" : String(target))
    }

    /// The host of the site that answers when none is named.
    static func host(of campaign: Campaign) -> String {
        let site = campaign.sites.first(where: \.isDefault) ?? campaign.sites.first
        return site?.domains.first ?? "localhost"
    }

    /// A key that is a path is visited; for any other key, the front page is, and a form sent to it.
    static func visits(_ edits: [Edit], _ campaign: Campaign) -> [Visit] {
        let host = host(of: campaign)
        var visits: [Visit] = []
        for edit in edits where edit.kind == Dictionaries.kind && visits.count < entries {
            let key = edit.path[1]
            let targets = key.hasPrefix("/") ? [("GET", key)] : [("GET", "/"), ("POST", "/")]
            for (method, target) in targets {
                let visit = Visit(method: method, host: host, target: target)
                if !visits.contains(visit) { visits.append(visit) }
            }
        }
        return visits
    }

    struct Outcome {
        let answer: String
        let headers: [String]
        /// Whether the origin is asked, and not answered by the program itself.
        let isPage: Bool
    }

    /// What a visit gets: what it is, and the headers that VCL added to it.
    static func outcome(of visit: Visit, under snapshot: Snapshot) -> Outcome {
        let context = Context(snapshot: snapshot, random: SeededRandom(seed: 0))
        context.reset(snapshot: snapshot)
        context.req.method = context.arena.copy(visit.method)
        context.req.target = context.arena.copy(visit.target)
        context.req.headers.append(HeaderField(.host, value: context.arena.copy(visit.host)))
        context.clientAddress = IPAddress("203.0.113.9") ?? .unspecified
        context.now = Int64(Date().timeIntervalSince1970 * 1e9)
        context.startTime = context.now
        var isPage = true
        if snapshot.program.run(.recv, context) == .error {
            isPage = false
            context.obj.reset()
            context.obj.status = Int(context.errorStatus)
            context.obj.reason = context.errorResponse
            _ = snapshot.program.run(.error, context)
            context.resp.copy(context.obj)
        } else {
            context.resp.reset()
            context.resp.status = 200
        }
        _ = snapshot.program.run(.deliver, context)
        let location = context.resp.headers[HeaderName("Location")]
        let answer =
            (isPage
                ? "the page"
                : "\(context.resp.status) \(context.resp.reason.string)".trimmingCharacters(in: .whitespaces))
            + (location.isSet ? " to \(location.string)" : "")
        let headers = context.resp.headers.fields.filter { !$0.name.equalsIgnoringCase("Location") }
        return Outcome(
            answer: answer, headers: headers.map { "\($0.name.string): \($0.value.string)" }, isPage: isPage)
    }

    /// Nil when both are the same; else the answers, with only those headers that differ.
    static func line(_ visit: Visit, before: Snapshot, after: Snapshot) -> Line? {
        let (old, new) = (outcome(of: visit, under: before), outcome(of: visit, under: after))
        guard old.answer != new.answer || old.headers != new.headers else { return nil }
        let text = { (one: Outcome, other: [String]) in
            ([one.answer] + one.headers.filter { !other.contains($0) }).joined(separator: ", ")
        }
        let sameAnswer = old.answer == new.answer
        return Line(
            visit: visit.text, before: sameAnswer ? text(old, new.headers) : old.answer,
            after: sameAnswer ? text(new, old.headers) : new.answer, isOfHeaders: sameAnswer)
    }
}
