import Kernel

@testable import VCLRuntime

/// Writes small MaxMind databases, by the format's specification, for the tests of the reader.
struct GeoDatabaseWriter {
    struct Network {
        let address: String
        let bits: Int
        let value: GeoValue
    }

    let bytes: [UInt8]

    init(
        recordBits: Int, isIPv6: Bool = true, version: Int64 = 2, sharesTexts: Bool = false,
        _ networks: [Network]
    ) {
        // Records: nil is "no data", else a node or (negative) a place in the data section.
        var nodes: [(left: Int?, right: Int?)] = [(nil, nil)]
        var data = Section(sharesTexts: sharesTexts)
        for network in networks {
            let place = data.append(network.value)
            GeoDatabaseWriter.insert(network, -1 - place, isIPv6, into: &nodes)
        }
        var out: [UInt8] = []
        for node in nodes {
            let records = [node.left, node.right].map { record -> UInt64 in
                guard let record else { return UInt64(nodes.count) }
                return UInt64(record >= 0 ? record : nodes.count + 16 + (-1 - record))
            }
            out += GeoDatabaseWriter.pack(records[0], records[1], recordBits)
        }
        out += [UInt8](repeating: 0, count: 16) + data.bytes + [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
        var metadata = Section(sharesTexts: false)
        _ = metadata.append(
            .map([
                "binary_format_major_version": .integer(version), "node_count": .integer(Int64(nodes.count)),
                "record_size": .integer(Int64(recordBits)), "ip_version": .integer(isIPv6 ? 6 : 4),
                "database_type": .text("Test-City"),
            ]))
        bytes = out + metadata.bytes
    }

    private static func insert(
        _ network: Network, _ leaf: Int, _ isIPv6: Bool, into nodes: inout [(left: Int?, right: Int?)]
    ) {
        let address = IPAddress(network.address)!
        let isV4 = address.isIPv4
        let (high, low) = (isV4 ? 0 : address.high, isV4 ? address.low & 0xFFFF_FFFF : address.low)
        let first = isIPv6 ? 0 : 96
        let last = isV4 ? 96 + network.bits : network.bits
        var node = 0
        for bit in first..<last {
            let isOne = bit < 64 ? high >> UInt64(63 - bit) & 1 == 1 : low >> UInt64(127 - bit) & 1 == 1
            let known = isOne ? nodes[node].right : nodes[node].left
            let next: Int
            if bit == last - 1 {
                next = leaf
            } else if let known, known >= 0 {
                next = known
            } else {
                nodes.append((nil, nil))
                next = nodes.count - 1
            }
            if isOne { nodes[node].right = next } else { nodes[node].left = next }
            node = next
        }
    }

    private static func pack(_ left: UInt64, _ right: UInt64, _ bits: Int) -> [UInt8] {
        switch bits {
        case 24: return big(left, 3) + big(right, 3)
        case 28:
            let middle = UInt8(left >> 24 & 15) << 4 | UInt8(right >> 24 & 15)
            return big(left & 0xFF_FFFF, 3) + [middle] + big(right & 0xFF_FFFF, 3)
        default: return big(left, 4) + big(right, 4)
        }
    }

    private static func big(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }

    /// A data section. With `sharesTexts`, a text that stands there already is pointed to.
    private struct Section {
        let sharesTexts: Bool
        var bytes: [UInt8] = []
        private var known: [String: Int] = [:]

        init(sharesTexts: Bool) { self.sharesTexts = sharesTexts }

        mutating func append(_ value: GeoValue) -> Int {
            let place = bytes.count
            switch value {
            case .text(let text): append(text)
            case .integer(let number):
                let wide = GeoDatabaseWriter.big(UInt64(number), 8).drop { $0 == 0 }
                // Types 5, 6 and 9 are unsigned numbers of 16, 32 and 64 bits.
                bytes +=
                    wide.count <= 2
                    ? [5 << 5 | UInt8(wide.count)] : control(wide.count <= 4 ? 6 : 9, wide.count)
                bytes += wide
            case .number(let number): bytes += control(3, 8) + GeoDatabaseWriter.big(number.bitPattern, 8)
            case .map(let members):
                bytes += control(7, members.count)
                for key in members.keys.sorted() {
                    append(key)
                    _ = append(members[key]!)
                }
            case .list(let items):
                bytes += control(11, items.count)
                for item in items { _ = append(item) }
            case .other: bytes += control(4, 0)
            }
            return place
        }

        private mutating func append(_ text: String) {
            if sharesTexts, let place = known[text], place < 2048 {
                bytes += [1 << 5 | UInt8(place >> 8), UInt8(place & 0xFF)]
                return
            }
            if sharesTexts, let place = known[text] {
                let offset = place - 2048
                precondition(offset < 1 << 19, "a pointer of two bytes reaches that far")
                bytes +=
                    [1 << 5 | 1 << 3 | UInt8(offset >> 16)]
                    + GeoDatabaseWriter.big(UInt64(offset & 0xFFFF), 2)
                return
            }
            known[text] = bytes.count
            bytes += control(2, text.utf8.count) + Array(text.utf8)
        }

        private func control(_ type: Int, _ count: Int) -> [UInt8] {
            let (small, more): (Int, [UInt8]) =
                count < 29
                ? (count, [])
                : count < 285
                    ? (29, [UInt8(count - 29)])
                    : count < 65_821
                        ? (30, GeoDatabaseWriter.big(UInt64(count - 285), 2))
                        : (31, GeoDatabaseWriter.big(UInt64(count - 65_821), 3))
            return type < 8
                ? [UInt8(type << 5 | small)] + more : [UInt8(small), UInt8(type - 7)] + more
        }
    }
}
