package import Kernel

/// A name for which an authority can issue by http-01, in lower case.
package struct ACMEHost: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(Failure) {
        let name = text.lowercased()
        if name.hasPrefix("*.") {
            throw Failure(
                .invalid, "'\(text)' is a wildcard, which authorities do not issue by the challenge http-01",
                hint: "name each host, or get the wildcard elsewhere and give its file")
        }
        if IPAddress(name) != nil {
            throw Failure(.invalid, "'\(text)' is an address, not a host's name")
        }
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw Failure(
                .invalid, "'\(text)' has letters that DNS has not", hint: "write it in its form xn--...")
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, name.utf8.count <= ACMELimits.hostBytes, labels.allSatisfy(ACMEHost.isLabel)
        else { throw Failure(.invalid, "'\(text)' is no host's name", hint: "such as www.example.org") }
        description = name
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...ACMELimits.labelBytes).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 26 || $0 == 0x2D }
    }
}

/// Where an authority's directory is.
package enum ACMEDirectory {
    /// Names for those that people know by name.
    package static let names: [String: String] = [
        "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
        "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
    ]

    /// The address that `text` is, or names.
    package static func url(_ text: String) throws(Failure) -> String {
        if let known = names[text] { return known }
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.contains(where: \.isWhitespace)
        else {
            throw Failure(
                .usage, "'\(text)' is no address of an ACME directory",
                hint: "letsencrypt, letsencrypt-staging, or one such as https://ca.example/acme/directory")
        }
        return text
    }
}
