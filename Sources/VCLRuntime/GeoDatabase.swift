package import Kernel

/// A geographic database in the MaxMind DB format, version 2 (maxmind.github.io/MaxMind-DB): a binary tree over the bits
/// of addresses whose leaves point to maps. The bytes come from a file that somebody gave us, so that nothing in them is
/// believed: every read is checked, and nesting, pointers and the size of one record have bounds.
package struct GeoDatabase: Sendable {
    package struct Mistake: Error, Equatable {
        package let message: String
    }

    /// Where the metadata may begin, counted from the end of the file.
    private static let metadataReach = 128 * 1024
    private static let marker: [UInt8] = [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
    /// Zero bytes between the tree and the data.
    private static let gap = 16

    private let bytes: [UInt8]
    /// What the file says it is, such as GeoLite2-City.
    package let kind: String
    private let nodes: Int
    /// 24, 28 or 32 bits.
    private let recordBits: Int
    private let isIPv6: Bool
    private let dataStart: Int
    private let dataEnd: Int

    /// Throws a `Mistake` for bytes that are no such database.
    package init(_ bytes: [UInt8]) throws(Mistake) {
        guard let metadata = GeoDatabase.metadata(in: bytes) else {
            throw Mistake(message: "no MaxMind database: its end has no metadata")
        }
        let start = metadata + GeoDatabase.marker.count
        var decoder = GeoDecoder(bytes, section: start..<bytes.count)
        guard case .map(let about)? = decoder.value(at: start) else {
            throw Mistake(message: "the MaxMind database's metadata is broken")
        }
        guard about["binary_format_major_version"]?.integer == 2 else {
            throw Mistake(message: "only version 2 of the MaxMind format is understood")
        }
        guard let nodes = about["node_count"]?.integer, let bits = about["record_size"]?.integer,
            [24, 28, 32].contains(bits), nodes > 0, nodes < 1 << 31
        else { throw Mistake(message: "the MaxMind database's metadata names no usable tree") }
        let tree = Int(nodes) * Int(bits) / 4
        guard tree + GeoDatabase.gap <= metadata else {
            throw Mistake(message: "the MaxMind database is shorter than its tree")
        }
        self.bytes = bytes
        self.nodes = Int(nodes)
        recordBits = Int(bits)
        isIPv6 = about["ip_version"]?.integer == 6
        kind = about["database_type"]?.text ?? ""
        dataStart = tree + GeoDatabase.gap
        dataEnd = metadata
    }

    /// The last place of the marker.
    private static func metadata(in bytes: [UInt8]) -> Int? {
        let first = max(0, bytes.count - metadataReach)
        guard bytes.count - marker.count >= first else { return nil }
        for at in stride(from: bytes.count - marker.count, through: first, by: -1)
        where bytes[at] == marker[0] && bytes[at..<(at + marker.count)].elementsEqual(marker) {
            return at
        }
        return nil
    }

    /// What the database says of an address; nil when it says nothing or is broken there.
    package func record(of address: IPAddress) -> GeoRecord? {
        guard let place = place(of: address) else { return nil }
        var decoder = GeoDecoder(bytes, section: dataStart..<dataEnd)
        guard let found = decoder.value(at: place) else { return nil }
        return GeoRecord(found)
    }

    /// Where the data of an address begins.
    private func place(of address: IPAddress) -> Int? {
        guard isIPv6 || address.isIPv4 else { return nil }
        // A tree of IPv6 holds IPv4 below ::/96.
        let high = address.isIPv4 ? 0 : address.high
        let low = address.isIPv4 ? address.low & 0xFFFF_FFFF : address.low
        var node = 0
        for bit in (isIPv6 ? 0 : 96)..<128 {
            let isOne = bit < 64 ? high >> UInt64(63 - bit) & 1 == 1 : low >> UInt64(127 - bit) & 1 == 1
            node = record(isOne, of: node)
            if node == nodes { return nil }
            if node > nodes {
                let place = node - nodes + dataStart - GeoDatabase.gap
                return place >= dataStart && place < dataEnd ? place : nil
            }
        }
        return nil
    }

    /// One of a node's two records. `node` is below `nodes`, and the tree lies within the bytes.
    private func record(_ right: Bool, of node: Int) -> Int {
        let at = node * recordBits / 4
        func byte(_ offset: Int) -> Int { Int(bytes[at + offset]) }
        switch (recordBits, right) {
        case (24, false): return byte(0) << 16 | byte(1) << 8 | byte(2)
        case (24, true): return byte(3) << 16 | byte(4) << 8 | byte(5)
        case (28, false): return (byte(3) >> 4) << 24 | byte(0) << 16 | byte(1) << 8 | byte(2)
        case (28, true): return (byte(3) & 15) << 24 | byte(4) << 16 | byte(5) << 8 | byte(6)
        case (_, false): return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
        case (_, true): return byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7)
        }
    }
}

extension GeoRecord {
    /// The members that the variables need, of City, Country, ASN, Connection-Type and Anonymous-IP databases.
    fileprivate init(_ found: GeoValue) {
        self.init()
        let english = { (value: GeoValue?) -> String? in value?["names"]?["en"]?.text }
        city = english(found["city"])
        continentCode = found["continent"]?["code"]?.text
        countryCode = found["country"]?["iso_code"]?.text
        countryName = english(found["country"])
        region = found["subdivisions"]?[0]?["iso_code"]?.text
        postalCode = found["postal"]?["code"]?.text
        latitude = found["location"]?["latitude"]?.number
        longitude = found["location"]?["longitude"]?.number
        metroCode = found["location"]?["metro_code"]?.integer
        let traits = found["traits"]
        networkNumber =
            (found["autonomous_system_number"] ?? traits?["autonomous_system_number"])?.integer
        networkName =
            (found["autonomous_system_organization"] ?? traits?["autonomous_system_organization"])?.text
        connectionType = (found["connection_type"] ?? traits?["connection_type"])?.text
        let isAnonymous = (found["is_anonymous"] ?? traits?["is_anonymous_proxy"])?.integer == 1
        let isHosting = (found["is_hosting_provider"] ?? traits?["is_hosting_provider"])?.integer == 1
        proxyType = isAnonymous ? "anonymous" : isHosting ? "hosting" : nil
        if found["is_tor_exit_node"]?.integer == 1 { proxyDescription = "tor-exit" }
        if found["is_anonymous_vpn"]?.integer == 1 { proxyDescription = "vpn" }
    }
}
