import ACME
import ArgumentParser
import CampaignFile
import Edge
import Foundation
import Kernel
import NIOSSL

/// Which certificates an authority shall issue, and who that is.
struct ACMEOptions: ParsableArguments {
    @Option(
        name: .customLong("acme"),
        help: ArgumentHelp(
            """
            Have certificates issued, and renewed, by the authority whose ACME directory this is: letsencrypt, \
            letsencrypt-staging or an address. You agree to its terms.
            """, valueName: "directory"))
    var directory: String?

    @Option(
        name: .customLong("acme-host"),
        help: ArgumentHelp(
            "A name that shall have a certificate. May be repeated; each has its own.", valueName: "name"))
    var hosts: [String] = []

    @Option(
        name: .customLong("acme-contact"),
        help: ArgumentHelp("A mail address for the authority. May be repeated.", valueName: "address"))
    var contacts: [String] = []

    @Option(
        name: .customLong("acme-folder"),
        help: ArgumentHelp(
            "Where the account's key and the certificates are kept; of a campaign, in .hq/acme.",
            valueName: "dir"), completion: .directory)
    var folder: String?

    @Option(
        name: .customLong("acme-trust"),
        help: ArgumentHelp(
            "Believe a directory whose certificate these have signed, in PEM.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var trust: String?

    @Option(
        name: .customLong("acme-eab"),
        help: ArgumentHelp(
            "For authorities that want to know you already: a file with the identifier and the key they gave you.",
            valueName: "file"), completion: .file())
    var external: String?

    var isWanted: Bool { directory != nil }

    func validate() throws {
        guard let directory else {
            let others: [(String, Bool)] = [
                ("host", hosts.isEmpty), ("contact", contacts.isEmpty), ("folder", folder == nil),
                ("trust", trust == nil), ("eab", external == nil),
            ]
            if let given = others.first(where: { !$0.1 }) {
                throw ValidationError("--acme-\(given.0) wants --acme: which authority?")
            }
            return
        }
        if hosts.isEmpty {
            throw ValidationError("--acme wants --acme-host NAME: who shall have a certificate?")
        }
        do throws(Failure) {
            _ = try ACMEDirectory.url(directory)
            for host in hosts { _ = try ACMEHost(host) }
        } catch {
            throw ValidationError("\(error)")
        }
        for contact in contacts where !Campaign.TLS.ACME.isContact(contact) {
            throw ValidationError(
                "--acme-contact wants a mail address such as ops@example.org, not '\(contact)'")
        }
    }

    /// The certificates of a listener: those of `files`, then the hosts' here. `usually` is where they are kept when nothing
    /// is said.
    func opened(
        besides files: [CertificateFile], usually: String?, report: @escaping @Sendable (String) -> Void
    ) throws -> EdgeCertificates {
        guard let directory else {
            return EdgeCertificates(served: files.isEmpty ? nil : try Certificates(files, report: report))
        }
        guard let path = folder ?? usually else {
            throw Failure(
                .usage, "--acme wants --acme-folder DIR: where are keys and certificates kept?",
                hint: "a folder that stays, such as /var/lib/hq/acme")
        }
        let names = try uniqueHosts()
        let settings = ACMESettings(
            directory: try ACMEDirectory.url(directory), hosts: names,
            contacts: contacts.map { $0.hasPrefix("mailto:") ? $0 : "mailto:" + $0 },
            external: try externalAccount(), trust: try trusted())
        let folder = try ACMEFolder(path, directory: settings.directory)
        for host in try folder.prepare(names, now: wallClock() / 1_000_000_000) {
            report("no certificate for \(host) yet: one that no browser believes serves until it is issued")
        }
        let served = try Certificates(files + names.map(folder.certificateFile), report: report)
        return EdgeCertificates(
            served: served, keeper: CertificateKeeper(settings, in: folder, for: served, report: report))
    }

    private func uniqueHosts() throws -> [ACMEHost] {
        var seen: Set<ACMEHost> = []
        return try hosts.map { try ACMEHost($0) }.filter { seen.insert($0).inserted }
    }

    private func externalAccount() throws -> ExternalAccount? {
        guard let external else { return nil }
        guard let data = FileManager.default.contents(atPath: external) else {
            throw Failure(.notFound, "cannot read '\(external)' for --acme-eab")
        }
        let words = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else {
            throw Failure(
                .invalid, "'\(external)' wants two words: the identifier and the key of the external account",
                hint: "as the authority shows them, one a line")
        }
        return try ExternalAccount(id: String(words[0]), key: String(words[1]))
    }

    private func trusted() throws -> [NIOSSLCertificate] {
        guard let trust else { return [] }
        guard let found = try? NIOSSLCertificate.fromPEMFile(trust), !found.isEmpty else {
            throw Failure(.invalid, "'\(trust)' for --acme-trust holds no certificate in PEM")
        }
        return found
    }
}
