import HTTP1
import Kernel

extension Context {
    /// What is known of the place of the address that the program asks about. Reserved addresses have the values that
    /// the manual lists for them, whatever the database says.
    var geo: GeoRecord { record(of: geoAddress) }

    var legacyGeo: GeoRecord {
        let address = geoAddress
        return address.isIPv4 ? record(of: address) : GeoRecord()
    }

    private func record(of address: IPAddress) -> GeoRecord {
        if ReservedAddresses.contains(address) { return .reserved }
        guard let facts else { return GeoRecord() }
        if let known = extras.geoLookup, known.address == address { return known.record ?? GeoRecord() }
        let found = facts.geography(of: address)
        extras.geoLookup = (address, found)
        return found ?? GeoRecord()
    }

    private var geoAddress: IPAddress {
        guard let usedExtras else { return clientAddress }
        if usedExtras.geoOverride.isSet, let address = IPAddress(usedExtras.geoOverride.string) {
            return address
        }
        guard usedExtras.geoUsesForwardedFor else { return clientAddress }
        let header = req.headers[.xForwardedFor]
        let first = header.slice(0, header.firstIndex(of: UInt8(ascii: ",")) ?? header.count).trimmed
        return IPAddress(first.string) ?? clientAddress
    }

    func geoText(_ value: String?) -> Bytes { value.map { arena.copy($0) } ?? Bytes("?") }

    func geoASCII(_ value: String?) -> Bytes { value.map { arena.copy(GeoText.ascii($0)) } ?? Bytes("?") }

    func geoLatin1(_ value: String?) -> Bytes {
        value.map { GeoText.latin1($0).withUnsafeBytes { arena.copy($0) } } ?? Bytes("?")
    }

    /// A fact as text; empty where the host does not say.
    func fact(_ value: String?) -> Bytes { value.map { arena.copy($0) } ?? .empty }
}

extension GeoRecord {
    /// The manual's values for reserved blocks.
    static let reserved: GeoRecord = {
        var record = GeoRecord()
        record.city = "reserved"
        record.continentCode = "**"
        record.countryCode = "**"
        record.countryName = "reserved/private"
        record.region = "***"
        record.postalCode = "0"
        record.connectionSpeed = "broadband"
        return record
    }()

    var countryCode3: String? {
        guard let countryCode else { return nil }
        return countryCode == "**" ? "***" : CountryCodes.alpha3(countryCode)
    }
}

/// Blocks that no database can place (IANA's registries of special-purpose addresses).
enum ReservedAddresses {
    private static let blocks: [(address: IPAddress, bits: Int)] =
        [
            ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16),
            ("172.16.0.0", 12), ("192.0.0.0", 24), ("192.0.2.0", 24), ("192.168.0.0", 16), ("198.18.0.0", 15),
            ("198.51.100.0", 24), ("203.0.113.0", 24), ("224.0.0.0", 3), ("::", 127), ("fc00::", 7),
            ("fe80::", 10),
            ("ff00::", 8), ("2001:db8::", 32),
        ].map { (IPAddress($0.0)!, $0.1) } as [(address: IPAddress, bits: Int)]

    static func contains(_ address: IPAddress) -> Bool {
        blocks.contains { address.matches($0.address, bits: $0.bits) }
    }
}
