package import Kernel

/// Settable variables that few programs touch, apart from `Context`, so that resetting a context for the next hit stays
/// short. Reading a value that was never set never makes one of these.
package final class RequestExtras {
    /// What a restart forgets.
    package struct Pass {
        package var fetchTimeout: Int64?
        package var maxReuseIdleTime: Int64?
        package var brotli = false
        package var hipaa = false
        package var pci = false
        /// How long the backend shall be left alone, in nanoseconds; 0 for not at all.
        package var saintMode: Int64 = 0
        package var isRevalidating: Bool?
        package var firewall = Firewall()
        package var part: Part?
    }

    /// The request is for a part that is kept by itself.
    package struct Part {
        /// The key of what it is a part of.
        package let wholeKey: Bytes
        /// The bytes of a segment; nil for the Range of the client.
        package let segment: Range<Int64>?

        package init(wholeKey: Bytes, segment: Range<Int64>?) {
            self.wholeKey = wholeKey
            self.segment = segment
        }
    }

    /// `waf.*`, which a program may use as numbers of its own; HQ has no such firewall.
    package struct Firewall {
        package enum Score: Int, CaseIterable {
            case anomaly, httpViolation, inboundAnomaly, lfi, phpInjection, rce, rfi, sessionFixation, xss,
                severity,
                ruleID, counter
        }
        private var scores = [Int64](repeating: 0, count: Score.allCases.count)
        package var blocked = false
        package var executed = false
        package var logged = false
        package var passed = false
        package var logData = Bytes.empty
        package var message = Bytes.empty

        package subscript(score: Score) -> Int64 {
            get { scores[score.rawValue] }
            set { scores[score.rawValue] = newValue }
        }
    }

    package var pass = Pass()

    /// `client.geo.ip_override` as it was set, and the address in it.
    package var geoOverride = Bytes.notSet
    package var geoUsesForwardedFor = false
    /// The latest look-up: several variables are read of one record.
    var geoLookup: (address: IPAddress, record: GeoRecord?)?
    /// The latest User-Agent that was looked at.
    var device: (agent: Bytes, found: ClientDevice)?

    /// The client's Host header, kept when the program first sets another.
    package var originalHost = Bytes.notSet
    package var sessionTimeout: Int64?
    package var congestionAlgorithm = Bytes.notSet
    package var congestionWindow: Int64?
    /// KiB a second; 0 for no bound.
    package var pace: Int64 = 0

    package var allowsESI = true
    package var allowsESIInsideCDATA = false
    /// How deep this request is below the page that includes it; the host sets it, and `topURL`.
    package var esiLevel: Int64 = 0
    package var topURL = Bytes.notSet

    package var rangeOnPass = false
    package var segmentedCaching = false
    package var segmentSize: Int64?
    package var maxStaleIfError: Int64?
    package var maxStaleWhileRevalidate: Int64?
}
