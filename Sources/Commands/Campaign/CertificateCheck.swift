import CampaignFile
import Diagnostics
import Edge
import Foundation
import Kernel

/// The certificates that a campaign file names, looked at before an edge is to serve them.
enum CertificateCheck {
    /// What no edge starts with is `campaign/certificate`; the others it serves all the same.
    static let unusable = "campaign/certificate"

    /// Empty for a file with mistakes. `now` in seconds since 1970.
    static func run(_ reading: CampaignReading, folder: URL, now: Int64) -> [Diagnostic] {
        guard let tls = reading.campaign?.tls else { return [] }
        var found: [Diagnostic] = []
        for (written, file) in zip(tls.certificates, tls.certificateFiles(in: folder)) {
            for finding in file.findings(now: now) {
                let path = finding.isAboutKey ? written.key : written.chain
                found.append(diagnostic(finding, at: reading.filePlaces[path]))
            }
        }
        for path in tls.folders {
            let place = reading.filePlaces[path]
            do throws(Failure) {
                for file in try CertificateFile.all(in: Campaign.path(path, in: folder)) {
                    found += file.findings(now: now).map { diagnostic($0, at: place) }
                }
            } catch {
                found.append(mistake(error.message, hint: error.hint, at: place))
            }
        }
        for path in [tls.acme?.trust, tls.acme?.externalAccount].compactMap({ $0 })
        where !FileManager.default.isReadableFile(atPath: Campaign.path(path, in: folder)) {
            found.append(mistake("cannot read '\(path)'", hint: nil, at: reading.filePlaces[path]))
        }
        return found.inReadingOrder
    }

    private static func mistake(_ message: String, hint: String?, at place: Span?) -> Diagnostic {
        Diagnostic(unusable, at: place ?? Span(start: 0, end: 1), message, hint: hint)
    }

    private static func diagnostic(_ finding: CertificateFile.Finding, at place: Span?) -> Diagnostic {
        let span = place ?? Span(start: 0, end: 1)
        return switch finding.kind {
        case .unusable: mistake(finding.message, hint: finding.hint, at: place)
        case .refused:
            Diagnostic("campaign/certificate-refused", at: span, finding.message, hint: finding.hint)
        case .ending:
            Diagnostic("campaign/certificate-ends", .warning, at: span, finding.message, hint: finding.hint)
        }
    }
}

extension CampaignReading {
    /// What is wrong with the certificates that it names, now.
    func certificateFindings(_ folder: URL) -> [PlacedDiagnostic] {
        CertificateCheck.run(self, folder: folder, now: wallClock() / 1_000_000_000).placed(in: sources)
    }
}
