package import Kernel

/// How the owner of a host says that it may be loaded, in the way of ACME's http-01 (RFC 8555, section 8.3): by serving,
/// at an address that only whoever asked knows, a line that names the host, until when, and how much.
package struct HostConfirmation: Sendable, Equatable {
    package let host: String
    package let token: String
    /// Seconds since 1970.
    package let until: Int64
    /// Requests a second.
    package let rate: Int

    package init(host: String, token: String, until: Int64, rate: Int) {
        self.host = host.lowercased()
        self.token = token
        self.until = until
        self.rate = rate
    }

    package static func path(_ token: String) -> String { "/.well-known/hq-rehearsal/\(token)" }

    package static func isToken(_ text: String) -> Bool {
        text.utf8.count == RehearsalLimits.tokenBytes * 2
            && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    }

    package static func token(_ random: inout some RandomNumberGenerator) -> String {
        (0..<RehearsalLimits.tokenBytes).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &random)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// What the host serves, as one line.
    package var line: String { "hq-rehearsal \(token) host=\(host) until=\(until) rate=\(rate)" }

    /// What a host answered, or a failure that says what is wrong with it. A server that answers everything with 200, or
    /// repeats the path, confirms nothing: the line has to be the whole answer.
    package static func read(
        _ answer: String, host: String, token: String, now: Int64
    ) throws(Failure) -> HostConfirmation {
        let words = answer.split { $0 == " " || $0 == "\n" || $0 == "\r" }
        let hint = "hq rehearse authorize \(host) says what to publish"
        guard words.count == 5, words[0] == "hq-rehearsal", words[1] == token,
            let saidHost = value("host", words[2]),
            let until = value("until", words[3]).flatMap({ Int64($0) }),
            let rate = value("rate", words[4]).flatMap({ Int($0) }), rate > 0
        else { throw Failure(.refused, "\(host) does not confirm that it may be loaded", hint: hint) }
        guard saidHost == host.lowercased() else {
            throw Failure(.refused, "what \(host) serves confirms \(saidHost)", hint: hint)
        }
        guard until > now else {
            throw Failure(.refused, "the confirmation of \(host) has expired", hint: hint)
        }
        return HostConfirmation(host: host, token: token, until: until, rate: rate)
    }

    private static func value(_ name: String, _ word: some StringProtocol) -> String? {
        word.hasPrefix(name + "=") ? String(word.dropFirst(name.count + 1)) : nil
    }
}
