package import Kernel

extension Campaign {
    /// `edge: limits:`, how much of the edge one client and one network may have. Nil where nothing is said, which is no limit
    /// (for all connections together: what the process may open).
    package struct ClientLimits: Sendable, Hashable {
        package var maxConnections: Int?
        package var clientConnections: Int?
        package var networkConnections: Int?
        /// Requests a second.
        package var clientRate: Double?
        package var networkRate: Double?
        /// Ranges of addresses as they were written.
        package var exempt: [String] = []

        package init() {}
    }

    /// `edge: shield:`, the edges that stand between this campaign's edge and its origins.
    package struct Shield: Sendable, Hashable {
        package struct Place: Sendable, Hashable {
            /// As shield directors name it.
            package let name: String
            package let address: ShieldAddress
        }

        /// What programs see as `server.datacenter`.
        package var place: String?
        package var places: [Place] = []
        /// The file with the word by which edges know each other, relative to the campaign's folder.
        package var word: String

        /// Letters, digits and hyphens: it travels in a header between other marks.
        package static func isPlain(_ text: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { $0 == 0x2D || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
        }
    }

    /// `edge: challenge:`, what visitors prove who are not trusted. What is not said is as the edge has it.
    package struct Challenge: Sendable, Hashable {
        /// Requests a second at the edge from which on everybody is challenged; nil when only the program asks for it.
        package var above: Double?
        package var bits: Int?
        package var lifetime: Duration?
        /// Path prefixes for which nobody is challenged in a flood.
        package var except: [String] = []

        package init() {}
    }

    /// Whether a text can be one of `edge: shed: except:` and `edge: challenge: except:`: the beginning of a path.
    package static func isPathPrefix(_ text: String) -> Bool {
        text.hasPrefix("/") && text.utf8.count <= CampaignLimits.prefixCharacters
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != 0x23 }
    }
}

/// Where a shield is: `10.0.0.2:80`, or with TLS `https://edge.example:443`.
package struct ShieldAddress: Sendable, Hashable, CustomStringConvertible {
    package let address: HostPort
    package let usesTLS: Bool

    package init?(_ text: String) {
        usesTLS = text.hasPrefix("https://")
        guard let address = HostPort(String(usesTLS ? text.dropFirst(8) : text[...])) else { return nil }
        self.address = address
    }

    package var description: String { (usesTLS ? "https://" : "") + "\(address)" }
}
