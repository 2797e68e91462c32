import ACME
import Foundation
package import Kernel

extension CertificateFile {
    /// What is wrong with a certificate, or soon will be, before an edge is to serve it.
    package struct Finding: Sendable, Equatable {
        package enum Kind: Sendable {
            /// No edge starts with it.
            case unusable
            /// It is served, and browsers refuse it.
            case refused
            /// It ends soon.
            case ending
        }
        package let kind: Kind
        /// It is the key's file, not the chain's.
        package let isAboutKey: Bool
        package let message: String
        package let hint: String?
    }

    /// `now` in seconds since 1970. The mistakes of both files, each once.
    package func findings(now: Int64) -> [Finding] {
        let ofChain = CertificateFile.unusable(isAboutKey: false) { _ = try LoadedCertificate.chain(self) }
        let ofKey = CertificateFile.unusable(isAboutKey: true) { _ = try LoadedCertificate.key(self) }
        if ofChain != nil || ofKey != nil { return [ofChain, ofKey].compactMap { $0 } }
        var loaded: LoadedCertificate?
        let together = CertificateFile.unusable(isAboutKey: true) {
            loaded = try LoadedCertificate(self, now: Int(now))
        }
        guard let loaded else { return together.map { [$0] } ?? [] }
        var found = loaded.warnings.map {
            Finding(kind: .refused, isAboutKey: false, message: $0, hint: nil)
        }
        let left = loaded.facts.notAfter - now
        if left >= 0, left < Int64(EdgeLimits.certificateWarningDays) * 86_400 {
            found.append(
                Finding(
                    kind: .ending, isAboutKey: false,
                    message: "the certificate in '\(chain)' ends in \(Duration.seconds(left).brief)",
                    hint: "renew it; the edge reads the file again by itself"))
        }
        return found
    }

    private static func unusable(isAboutKey: Bool, _ body: () throws -> Void) -> Finding? {
        do {
            try body()
            return nil
        } catch {
            let failure = error as? Failure
            return Finding(
                kind: .unusable, isAboutKey: isAboutKey, message: failure?.message ?? "\(error)",
                hint: failure?.hint)
        }
    }

    /// The certificates of a folder, by name: each `NAME.pem` or `NAME.crt`, with its key in `NAME.key`, or in the same file.
    package static func all(in folder: String) throws(Failure) -> [CertificateFile] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Failure(.notFound, "cannot read '\(folder)', a folder of certificates")
        }
        let chains = names.filter { $0.hasSuffix(".pem") || $0.hasSuffix(".crt") }.sorted()
        guard !chains.isEmpty else {
            throw Failure(
                .notFound, "'\(folder)' holds no certificate",
                hint: "www.pem or www.crt, with its key in www.key or in the same file")
        }
        guard chains.count <= EdgeLimits.folderCertificates else {
            throw Failure(
                .limit,
                "'\(folder)' holds \(chains.count) certificates, \(EdgeLimits.folderCertificates) at most")
        }
        return chains.map { name in
            let key = String(name.dropLast(4)) + ".key"
            return CertificateFile(
                chain: folder + "/" + name, key: folder + "/" + (names.contains(key) ? key : name))
        }
    }
}
