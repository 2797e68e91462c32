package import Kernel

/// An ACL: the entry with the longest prefix that fits decides, whatever the order; `!` turns it into a no.
package struct AccessList: Sendable {
    package struct Entry: Sendable {
        package let address: IPAddress
        package let bits: Int
        package let negated: Bool
        package init(address: IPAddress, bits: Int, negated: Bool) {
            self.address = address
            self.bits = bits
            self.negated = negated
        }
    }

    package let name: String
    private let entries: [Entry]

    package init(name: String, entries: [Entry]) {
        self.name = name
        self.entries = entries.sorted { $0.bits > $1.bits }
    }

    package func contains(_ address: IPAddress) -> Bool {
        for entry in entries where address.matches(entry.address, bits: entry.bits) { return !entry.negated }
        return false
    }
}
