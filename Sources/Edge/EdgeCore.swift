import HTTP1
package import HTTPCache
package import Kernel
import NIOCore
import RequestFlow
package import VCLRuntime

/// What the loops of one edge share: the cache and the table of addresses that are being fetched.
package final class EdgeCore: Sendable {
    package let cache: ResponseCache
    let busy = BusyTable()
    let recodings = RecodingCount()
    package let identity: String
    /// Milliseconds since 1970.
    let started = wallClock() / 1_000_000
    let loops = Guarded<[EdgeLoop]>([])
    let history: Guarded<SnapshotHistory>

    /// What the control plane's own visits carry in HQ-Check; nobody else knows it.
    private let checkWord: LiteralBytes?
    let origins: Origins
    let health: HealthChecks
    /// Who may connect, and ask.
    let admission: Admission
    /// What visitors are asked for who are not trusted; nil when nobody is.
    let challenge: Challenge?
    /// What programs may know besides the request.
    let facts: EdgeFacts
    /// Nil for an edge that stands alone.
    let shielding: Shielding?
    /// What this edge calls itself in CDN-Loop (RFC 8586). No other edge has the same name, whatever its own is: one that stands
    /// before another would be taken for a loop.
    let loopName: LiteralBytes
    /// Where requests are written down, and what is remembered of them.
    package let observation: Observation
    package let certificates: EdgeCertificates
    /// Nil when no authority is asked for certificates.
    let acmeAnswers: ChallengeAnswers?

    package init(
        snapshot: Snapshot, cacheSize: ByteCount, identity: String, checkWord: String? = nil,
        geo: GeoDatabase? = nil, shielding: Shielding? = nil, observation: Observation = Observation(),
        admission: AdmissionLimits = AdmissionLimits(), challenge: Challenge? = nil,
        certificates: EdgeCertificates = EdgeCertificates()
    ) {
        self.challenge = challenge
        self.certificates = certificates
        acmeAnswers = certificates.keeper?.answers
        self.admission = Admission(admission)
        self.observation = observation
        origins = Origins()
        health = HealthChecks(origins)
        self.shielding = shielding
        facts = EdgeFacts(geo: geo, health: health, place: shielding?.place)
        loopName = LiteralBytes("hq-" + String(UInt64.random(in: .min ... .max), radix: 36))
        self.checkWord = checkWord.map { LiteralBytes($0) }
        cache = ResponseCache(capacity: cacheSize)
        history = Guarded(SnapshotHistory(snapshot))
        self.identity = identity
    }

    /// Whether the control plane itself asks. The word goes no further: neither VCL nor a backend sees it.
    func isOwnVisit(_ headers: inout HeaderList) -> Bool {
        let word = headers[.hqCheck]
        guard word.isSet else { return false }
        headers.remove(.hqCheck)
        return checkWord.map { $0.bytes == word } ?? false
    }

    /// Removes an address with all its variants and parts, or (soft) marks them stale.
    package func purge(_ key: Bytes, soft: Bool, now: Int64) {
        cache.purge(key, soft: soft, now: now)
        Context.tagOfParts(key).withBytes { _ = cache.purge(surrogateKey: $0, soft: soft, now: now) }
    }

    package var snapshot: Snapshot { history.withLock { $0.latest } }

    /// Update `number` left the snapshot as it is.
    package func note(_ number: Int64) { history.withLock { $0.note(number) } }

    /// From here on new requests run against `snapshot`; those under way end with theirs.
    package func install(_ snapshot: Snapshot) {
        history.withLock { $0.install(snapshot) }
        for loop in loops.withLock({ $0 }) { loop.loop.execute { loop.snapshot = snapshot } }
        followHealth()
    }

    /// Only what the cache has is served, or (nil) everything again, by all loops when this returns.
    package func shed(_ rule: ShedRule?) async {
        let now = snapshot
        install(now.shedding(rule, number: now.number))
        for loop in loops.withLock({ $0 }) { try? await loop.loop.submit {}.get() }
    }

    func attach(_ loop: any EventLoop) -> EdgeLoop {
        let made = EdgeLoop(core: self, loop: loop, snapshot: snapshot)
        let isFirst = loops.withLock { loops in
            loops.append(made)
            return loops.count == 1
        }
        if isFirst { followHealth() }
        return made
    }

    /// The first loop asks for all.
    private func followHealth() {
        guard let first = loops.withLock({ $0.first }) else { return }
        health.follow(snapshot.programs, on: first.loop)
    }
}
