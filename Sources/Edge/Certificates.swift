import ACME
import Kernel
import NIOSSL

/// The certificates of a listener, chosen by the name that a client asks for; the first one serves who asks
/// for none or for another. They are read again without touching a connection: those that are open keep what
/// they began with.
package final class Certificates: Sendable {
    private struct Loaded: Sendable {
        var certificates: [LoadedCertificate] = []
        /// Places in `certificates`, by whole names and by what follows the star of wildcards.
        var exact: [String: Int] = [:]
        var wildcards: [String: Int] = [:]
        /// What the files were when they were read, or found broken.
        var stamps: [CertificateFile.Stamp] = []
    }

    private let files: [CertificateFile]
    private let loaded: Guarded<Loaded>

    /// Warnings go to `report`; what keeps a certificate from being used is thrown.
    package init(_ files: [CertificateFile], report: (String) -> Void) throws {
        precondition(!files.isEmpty, "a listener for TLS has a certificate")
        self.files = files
        loaded = Guarded(try Certificates.load(files) { try LoadedCertificate(files[$0], now: $1) })
        loaded.withLock(\.certificates).flatMap(\.warnings).forEach(report)
    }

    /// `read` gets a place in `files` and the time.
    private static func load(
        _ files: [CertificateFile], _ read: (Int, Int) throws -> LoadedCertificate
    ) rethrows -> Loaded {
        var loaded = Loaded()
        // Before the reading, so that a change meanwhile is seen as one.
        loaded.stamps = files.map(\.stamp)
        let now = Int(wallClock() / 1_000_000_000)
        for place in files.indices {
            let certificate = try read(place, now)
            for name in certificate.names {
                if name.hasPrefix("*.") {
                    let rest = String(name.dropFirst(2))
                    loaded.wildcards[rest] = loaded.wildcards[rest] ?? place
                } else {
                    loaded.exact[name] = loaded.exact[name] ?? place
                }
            }
            loaded.certificates.append(certificate)
        }
        return loaded
    }

    /// Reads all files again. What was read before of one that is broken stays in use; the others are taken.
    package func reload(report: (String) -> Void) {
        let before = loaded.withLock(\.certificates)
        var found: [String] = []
        var isFresh = false
        let fresh = Certificates.load(files) { place, now in
            do {
                let certificate = try LoadedCertificate(files[place], now: now)
                found += certificate.warnings
                isFresh = true
                return certificate
            } catch {
                let failure = error as? Failure
                let hint = failure?.hint.map { " (\($0))" } ?? ""
                found.append(
                    "\(failure?.message ?? "\(error)")\(hint); the certificate read before stays in use")
                return before[place]
            }
        }
        loaded.withLock { $0 = fresh }
        found.forEach(report)
        if isFresh { report("certificates read again") }
    }

    /// Of each certificate that is in use.
    var facts: [(file: CertificateFile, facts: CertificateFacts)] {
        zip(files, loaded.withLock { $0.certificates.map(\.facts) }).map { ($0, $1) }
    }

    /// Reads the files again when they change, until it is cancelled. A change counts once it has lasted for
    /// a round: the chain and the key are two files, and whoever writes them writes one after the other.
    package func watch(every interval: Duration, report: @Sendable (String) -> Void) async {
        var before = files.map(\.stamp)
        while (try? await Task.sleep(for: interval)) != nil {
            let now = files.map(\.stamp)
            if now == before, now != loaded.withLock({ $0.stamps }) { reload(report: report) }
            before = now
        }
    }

    /// A wildcard stands for one label (RFC 9525, section 6.3).
    func context(for name: String?) -> NIOSSLContext {
        loaded.withLock { loaded in
            guard let name = name?.lowercased() else { return loaded.certificates[0].context }
            if let place = loaded.exact[name] { return loaded.certificates[place].context }
            guard let dot = name.firstIndex(of: "."),
                let place = loaded.wildcards[String(name[name.index(after: dot)...])]
            else { return loaded.certificates[0].context }
            return loaded.certificates[place].context
        }
    }
}
