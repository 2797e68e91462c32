import CampaignFile
import Dictionaries
import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Store
import VCLRuntime

/// What guards know besides the change itself.
extension Control {
    func facts(
        of change: Change, _ request: Request, _ timing: Timing, _ next: Campaign?, _ targets: [TargetFact]
    ) throws -> GuardFacts {
        let time = timing.at.map { LocalTime(campaign.timeZone).date($0) } ?? Date()
        let report =
            try next.flatMap { try pipelineReport(of: $0, after: change) } ?? servicePipelineReport(change)
        var facts = GuardFacts(campaign: campaign, time: time, pipeline: report)
        let known = Findings.Facts(
            hosts: Set((next ?? campaign).sites.flatMap(\.domains)),
            person: request.actor.address.flatMap { IPAddress($0) })
        facts.findings = try store.read { try Findings.list(of: change, known, in: $0) }
        facts.targets = targets
        facts.isTakingBack = request.isTakingBack
        facts.brokenPages = brokenPages(after: change, next)
        facts.approval = try approvalNeeded(change, request, at: time)
        facts.approver = request.approving == nil ? nil : request.actor.name
        return facts
    }

    // MARK: targets

    /// Targets of one change that are asked for, all at once; of a longer import, its first.
    static let targetsAsked = 20
    /// How long all of them together may take; a person waits for it.
    static let targetPatience: Duration = .seconds(2)

    /// Asks where the redirects of a change would lead whether they are there.
    func targetFacts(of change: Change) async -> [TargetFact] {
        let kinds = (try? store.read { try Dictionaries.list(in: $0) }) ?? []
        let names = Set(kinds.filter { $0.kind == .redirects }.map(\.name))
        let edits = change.edits.filter {
            $0.kind == Dictionaries.kind && names.contains($0.path[0]) && $0.after != nil
        }
        guard !edits.isEmpty else { return [] }
        let question = TargetQuestion(
            origin: originAddress, hosts: campaign.sites.flatMap(\.domains),
            front: Preview.host(of: campaign), answersItself: answersByProgram(after: change))
        return await withTaskGroup(of: TargetFact?.self) { group in
            for edit in edits.prefix(Control.targetsAsked) { group.addTask { await question.ask(edit) } }
            var found: [TargetFact] = []
            for await fact in group { if let fact { found.append(fact) } }
            return found.sorted { ($0.dictionary, $0.key) < ($1.dictionary, $1.key) }
        }
    }

    /// Whether the program itself answers a path, so that no page need be there.
    private func answersByProgram(after change: Change) -> @Sendable (String) -> Bool {
        guard let next = snapshots(around: change, nil)?.after else { return { _ in false } }
        let host = Preview.host(of: campaign)
        return { path in
            !Preview.outcome(of: .init(method: "GET", host: host, target: path), under: next).isPage
        }
    }
}

/// Asks for the target of one redirect: a path of the campaign's own at its origin, anything else where it lies.
struct TargetQuestion: Sendable {
    let origin: HostPort
    let hosts: [String]
    let front: String
    let answersItself: @Sendable (String) -> Bool

    func ask(_ edit: Edit) async -> TargetFact? {
        guard let redirect = try? Redirect(key: edit.path[1], value: edit.after ?? "", in: edit.path[0])
        else {
            return nil
        }
        async let state = state(of: redirect.to)
        // Only what is new may hide a page; what was changed hid it before.
        async let hides = edit.before == nil ? isPage(redirect.from) : false
        return await TargetFact(
            dictionary: edit.path[0], key: edit.path[1], target: redirect.to.text, state: state,
            hidesPage: hides)
    }

    private func state(of place: Redirect.Place) async -> TargetFact.State {
        guard let path = ownPath(place) else { return await state(of: place.text, host: nil) }
        if answersItself(path) { return .answers }
        return await state(of: origin.url + path, host: front)
    }

    private func isPage(_ place: Redirect.Place) async -> Bool {
        guard let path = ownPath(place) else { return false }
        return await state(of: origin.url + path, host: front) == .answers
    }

    /// The path on a site of the campaign's, nil for what lies elsewhere.
    private func ownPath(_ place: Redirect.Place) -> String? {
        if case .path(let path) = place { return path }
        return place.keys(hosts: Set(hosts)).dropFirst().first
    }

    /// What only this machine or its network can reach is no visitor's target, and nobody shall find out through HQ what is there.
    private func isOutside(_ address: String) -> Bool {
        guard let host = URLComponents(string: address)?.host?.lowercased(),
            host.contains(".") || host.contains(":")
        else { return false }
        guard let literal = IPAddress(host.trimmingCharacters(in: ["[", "]"])) else {
            return host != "localhost"
        }
        return !TargetQuestion.inside.contains { $0.contains(literal) }
    }

    /// RFC 6890: this host, private, shared, link-local and loopback addresses.
    private static let inside: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10",
    ].compactMap { AddressRange($0) }

    private func state(of address: String, host: String?) async -> TargetFact.State {
        if host == nil, !isOutside(address) { return .unknown }
        switch await PageClient.reach(address, host: host, timeout: Control.targetPatience) {
        case .status(let status) where status == 404 || status == 410: return .missing(status)
        case .status(let status) where status >= 500: return .fails(status)
        case .status: return .answers
        case .refused: return .refuses
        case .none: return .unknown
        }
    }
}
