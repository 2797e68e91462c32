package import ACME
import Crypto
import Foundation
import Kernel
package import NIOSSL

/// What `CertificateKeeper` asks whom for.
package struct ACMESettings: Sendable {
    /// The directory's address.
    package let directory: String
    package let hosts: [ACMEHost]
    package let contacts: [String]
    package let external: ExternalAccount?
    /// Believed besides the system's authorities when the directory is asked.
    package let trust: [NIOSSLCertificate]

    package init(
        directory: String, hosts: [ACMEHost], contacts: [String] = [], external: ExternalAccount? = nil,
        trust: [NIOSSLCertificate] = []
    ) {
        self.directory = directory
        self.hosts = hosts
        self.contacts = contacts
        self.external = external
        self.trust = trust
    }
}

/// Keeps the certificates of some hosts good: has them issued, and renewed at two thirds of their lives. A reconciler: what is
/// there and what time it is say what is to be done, one host after the other. Nothing that serves waits for it.
package actor CertificateKeeper {
    package nonisolated let answers = ChallengeAnswers()
    private let settings: ACMESettings
    private let folder: ACMEFolder
    private let certificates: Certificates
    private let report: @Sendable (String) -> Void
    private let clock: @Sendable () -> Int64
    private let pause: @Sendable (Int) async throws -> Void
    /// By host, for readers on any thread; empty until this process is the one that renews.
    private nonisolated let renewals = Guarded<[ACMEHost: Renewal]>([:])

    /// `clock` tells seconds since 1970; `pause` waits for seconds.
    package init(
        _ settings: ACMESettings, in folder: ACMEFolder, for certificates: Certificates,
        clock: @escaping @Sendable () -> Int64 = { wallClock() / 1_000_000_000 },
        pause: @escaping @Sendable (Int) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        report: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.folder = folder
        self.certificates = certificates
        self.report = report
        self.clock = clock
        self.pause = pause
    }

    /// Until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await renewDue()
            let next = renewals.withLock { $0.values.map(\.due).min() } ?? .max
            let rest = max(1, min(next - clock(), ACMELimits.longestSleepSeconds))
            try? await pause(Int(rest))
        }
        end()
    }

    /// Lets another process keep the folder: whoever comes after this one shall not wait for its last download to end.
    package func end() { folder.releaseLock() }

    /// What is due at this moment. False when another process keeps the folder: what it gets is read as any file that changed.
    @discardableResult
    package func renewDue() async -> Bool {
        guard folder.takeLock() else { return false }
        if renewals.withLock(\.isEmpty) {
            let now = clock()
            let found = settings.hosts.map { ($0, Renewal(folder.facts($0), now: now)) }
            renewals.withLock { $0 = Dictionary(found) { $1 } }
        }
        for host in settings.hosts {
            guard !Task.isCancelled else { break }
            let due = renewals.withLock { $0[host]?.due } ?? .max
            if due <= clock() { await renew(host) }
        }
        return true
    }

    package nonisolated func renewal(_ file: CertificateFile) -> Renewal? {
        guard let host = settings.hosts.first(where: { folder.certificateFile($0) == file }) else {
            return nil
        }
        return renewals.withLock { $0[host] } ?? Renewal(folder.facts(host), now: clock())
    }

    private func renew(_ host: ACMEHost) async {
        do {
            let key = P256.Signing.PrivateKey()
            let issued = try await issue(host, key)
            try folder.keep(issued.chain, key, for: host)
            renewals.withLock { $0[host]?.issued(issued.facts, now: clock()) }
            report(
                "\(host) has a certificate by \(issued.facts.issuer), good until \(day(issued.facts.notAfter))"
            )
            certificates.reload(report: report)
        } catch {
            let known = CertificateKeeper.error(error)
            let now = clock()
            let renewal = renewals.withLock {
                $0[host]?.failed(known, now: now)
                return $0[host]
            }
            guard !Task.isCancelled else { return }
            let rest = (renewal?.due ?? now) - now
            report(
                "no certificate for \(host): \(known.failure); tried again in \(rest < 120 ? "\(rest) s" : "\(rest / 60) min")"
            )
        }
    }

    private static func error(_ error: any Error) -> IssuanceError {
        if let known = error as? IssuanceError { return known }
        return IssuanceError(error as? Failure ?? Failure(.internal, "\(error)"))
    }

    private nonisolated func day(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601.year().month().day())
    }

    /// Performs one issuance.
    private func issue(_ host: ACMEHost, _ key: P256.Signing.PrivateKey) async throws -> IssuedCertificate {
        let accountKey = try folder.accountKey()
        let plan = IssuancePlan(
            directory: settings.directory, host: host, contacts: settings.contacts,
            external: settings.external,
            account: folder.account())
        var issuance = Issuance(plan, account: accountKey, certificateKey: key)
        let client = ACMEClient(trust: settings.trust)
        let result: Result<IssuedCertificate, any Error>
        do { result = .success(try await perform(&issuance, client)) } catch { result = .failure(error) }
        answers.set([:])
        await client.close()
        return try result.get()
    }

    private func perform(_ issuance: inout Issuance, _ client: ACMEClient) async throws -> IssuedCertificate {
        var step = issuance.begin()
        var account = issuance.account
        while true {
            switch step {
            case .issued(let certificate): return certificate
            case .wait(let seconds):
                try await pause(seconds)
                step = try issuance.resume()
            case .send(let request):
                let answer = try await client.send(request)
                step = try issuance.receive(answer, now: clock())
            }
            if let made = issuance.account, made != account {
                account = made
                try folder.keepAccount(made)
                let terms = issuance.terms.map { ", by its terms: \($0)" } ?? ""
                report("has an account at \(settings.directory)\(terms)")
            }
            // Before the authority is told to look.
            answers.set(issuance.answers)
        }
    }
}
