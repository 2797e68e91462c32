import CampaignFile
import ControlPlane
import Foundation
import HTTPKit
import Kernel

/// Asks each site for its front page through the edge now and then, as a visitor would, so that "up" is something that was seen.
actor SiteChecks {
    /// Between two rounds, and how long one answer may take.
    static let interval: Duration = .seconds(5)
    static let patience: Duration = .seconds(3)

    private let control: Control
    /// By site; nil inside for one that did not answer.
    private(set) var answers: [String: Int?] = [:]

    init(control: Control) { self.control = control }

    /// Where the edge of `hq up` listens; nil when another machine runs it.
    nonisolated var edgeAddress: String? {
        ProcessTable.read(in: control.folder)?.rows.first { $0.name == "edge" }.flatMap {
            HostPort($0.address)?.url
        }
    }

    func run() async {
        while !Task.isCancelled {
            if let address = edgeAddress { await ask(address) }
            try? await Task.sleep(for: SiteChecks.interval)
        }
    }

    private func ask(_ address: String) async {
        let client = HTTPClientKit(base: address, token: "")
        let sites = await control.currentCampaign.sites
        let word = LocalAccess.read(LocalAccess.edgePath(in: control.folder))?.token ?? ""
        var found: [String: Int?] = [:]
        for site in sites {
            let answer = try? await client.send(
                "GET", "/",
                headers: [
                    ("Host", site.domains.first ?? "localhost"), ("User-Agent", "hq site check"),
                    ("HQ-Check", word),
                ],
                timeout: SiteChecks.patience)
            found[site.name] = .some(answer?.status)
        }
        answers = found
    }
}
