import CampaignFile
package import Foundation
package import HTTPKit
import Kernel

/// Serves the campaign's sites from their folders. Which site: by the request's host; an unknown host gets the default site.
package actor SiteOrigin {
    private let folder: URL
    private var sites: [Campaign.Site] = []
    private var readAt: Date?

    package init(folder: URL) {
        self.folder = folder.resolvingSymlinksInPath()
    }

    package func respond(_ request: HTTPRequest) -> HTTPResponse {
        refresh()
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(
                status: 405, type: "text/plain", text: "only GET and HEAD\n",
                headers: [("Allow", "GET, HEAD")])
        }
        guard let site = site(for: request.headers["host"] ?? "") else {
            return HTTPResponse(status: 404, type: "text/plain", text: "no site answers for this host\n")
        }
        let root = folder.appendingPathComponent(site.folder).resolvingSymlinksInPath()
        // An encoded slash, or an encoded letter, would be another address for the same page, past the edge's rules.
        if request.isEncodedNeedlessly { return notFound(root) }
        // A site's error page is no page of its own.
        if ["/404", "/404.html"].contains(request.path) { return notFound(root) }
        switch StaticFile.find(request.path, in: root) {
        case .file(let file): return file.respond(to: request)
        case .redirect(let path):
            let query = request.queryText.isEmpty ? "" : "?" + request.queryText
            return HTTPResponse(
                status: 301, type: "text/plain", text: "", headers: [("Location", path + query)])
        case .none: return notFound(root)
        }
    }

    /// The campaign file may change while we run; it is looked at when its time changes.
    private func refresh() {
        // The control plane says what is active; without one, the file does.
        let active = folder.appendingPathComponent(CampaignReading.activeName)
        let name =
            FileManager.default.fileExists(atPath: active.path)
            ? CampaignReading.activeName : CampaignReading.fileName
        let path = folder.appendingPathComponent(name)
        let changed =
            (try? FileManager.default.attributesOfItem(atPath: path.path))?[.modificationDate] as? Date
        guard changed != readAt || readAt == nil else { return }
        readAt = changed
        if let campaign = (try? CampaignReading(folder: folder, name: name))?.campaign {
            sites = campaign.sites
        }
    }

    private func site(for host: String) -> Campaign.Site? {
        let name = (host.split(separator: ":").first.map(String.init) ?? "").lowercased()
        return sites.first { $0.domains.contains(name) } ?? sites.first(where: \.isDefault)
    }

    private func notFound(_ root: URL) -> HTTPResponse {
        let page = FileManager.default.contents(atPath: root.appendingPathComponent("404.html").path)
        return HTTPResponse(
            status: 404,
            headers: [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "max-age=10")],
            body: .data(page ?? Data("not found\n".utf8)))
    }
}
