/// A range of addresses in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32; an address alone is a range of one.
package struct AddressRange: Sendable, Hashable {
    package let address: IPAddress
    package let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        var bits = width
        if parts.count == 2 {
            guard let said = Int(parts[1]), (0...width).contains(said) else { return nil }
            bits = said
        }
        self.address = address
        self.bits = bits
    }

    package func contains(_ other: IPAddress) -> Bool { other.matches(address, bits: bits) }

    /// Whether all of `other` lies in it.
    package func contains(_ other: AddressRange) -> Bool { bits <= other.bits && contains(other.address) }

    package func overlaps(_ other: AddressRange) -> Bool { contains(other) || other.contains(self) }
}

extension AddressRange: CustomStringConvertible {
    /// Without bits for one address alone.
    package var description: String {
        bits == (address.isIPv4 ? 32 : 128) ? "\(address)" : "\(address)/\(bits)"
    }
}
