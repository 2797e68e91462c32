import CampaignFile
import Edge
import Foundation
import Kernel

extension Campaign {
    /// The options of `hq edge start` that say what the campaign file says of its edge. Paths in them are below `folder`.
    func edgeWords(in folder: URL) -> [String] {
        var words = ["--cache", "\(cache.bytes)B"]
        words += accessLogs.flatMap { ["--access-log", $0] }
        words += logEndpoints.flatMap { ["--log-endpoint", "\($0.name)=\($0.place)"] }
        words += Campaign.option("metrics", metrics)
        words += Campaign.option("max-connections", limits.maxConnections)
        words += Campaign.option("client-connections", limits.clientConnections)
        words += Campaign.option("network-connections", limits.networkConnections)
        words += Campaign.option("client-rate", limits.clientRate)
        words += Campaign.option("network-rate", limits.networkRate)
        words += limits.exempt.flatMap { ["--limit-exempt", $0] }
        if let challenge {
            words += ["--challenge"]
            words += Campaign.option("challenge-above", challenge.above)
            words += Campaign.option("challenge-bits", challenge.bits)
            words += Campaign.option(
                "challenge-lifetime", challenge.lifetime.map { "\($0.nanoseconds / 1_000_000_000)s" })
            words += challenge.except.flatMap { ["--challenge-except", $0] }
        }
        words += tlsWords(in: folder)
        guard let shield else { return words }
        words += ["--shield-word", wordFile(of: shield, in: folder)]
        words += Campaign.option("place", shield.place)
        return words + shield.places.flatMap { ["--shield", "\($0.name)=\($0.address)"] }
    }

    private func tlsWords(in folder: URL) -> [String] {
        guard let tls else { return [] }
        var words = tls.listen.flatMap { ["--tls-listen", "\($0)"] }
        for one in tls.certificateFiles(in: folder) {
            words += ["--certificate", one.chain, "--key", one.key]
        }
        words += tls.folders.flatMap { ["--certificate-folder", Campaign.path($0, in: folder)] }
        if tls.redirects { words += ["--redirect-to-https"] }
        words += Campaign.option("https-port", tls.port)
        words += Campaign.option("hsts", tls.hstsSeconds)
        guard let acme = tls.acme else { return words }
        words += ["--acme", acme.directory] + acme.names.flatMap { ["--acme-host", $0] }
        words += acme.contacts.flatMap { ["--acme-contact", $0] }
        words += Campaign.option("acme-trust", acme.trust.map { Campaign.path($0, in: folder) })
        return words + Campaign.option("acme-eab", acme.externalAccount.map { Campaign.path($0, in: folder) })
    }

    /// A path of the campaign file, for those who stand elsewhere.
    static func path(_ path: String, in folder: URL) -> String {
        path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
    }

    func wordFile(of shield: Shield, in folder: URL) -> String {
        folder.appendingPathComponent(shield.word).path
    }

    private static func option(_ name: String, _ value: (some Any)?) -> [String] {
        value.map { ["--\(name)", "\($0)"] } ?? []
    }
}

extension Campaign.TLS {
    func certificateFiles(in folder: URL) -> [CertificateFile] {
        certificates.map {
            CertificateFile(
                chain: Campaign.path($0.chain, in: folder), key: Campaign.path($0.key, in: folder))
        }
    }
}
