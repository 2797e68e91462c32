import Kernel

/// One change to a message: what attackers and broken programs do.
enum MessageMutation {
    private static let soup = [
        "\r", "\n", "\r\n", "\r\n\r\n", "\n\n", " ", "\t", "\0", ":", ";", ",", "\"", "\\", "=", "#", "%",
        "/", "[", "]", "@",
        "\u{B}", "\u{C}", "\u{7F}", "\u{1B}", "ü", "0", "5", "f", "g", "+", "-", "chunked", "Host: b\r\n",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "\r\n ", "\r\n\t", "HTTP/1.1", "http://",
        "0\r\n\r\n",
    ]

    static func apply(to octets: inout [UInt8], _ random: inout SeededRandom) {
        guard !octets.isEmpty else { return octets = [UInt8(random.below(256))] }
        let place = random.below(octets.count)
        let end = min(octets.count, place + random.below(random.chance(80) ? 4 : 60))
        switch random.below(8) {
        case 0: octets.removeSubrange(place..<end)
        case 1, 2: octets.insert(contentsOf: Array(random.pick(soup).utf8), at: place)
        case 3: octets[place] = UInt8(random.below(256))
        case 4: octets[place] = random.pick(Array("\r\n\t :;,\"\\=0aA\0".utf8))
        case 5: octets.insert(contentsOf: octets[place..<end], at: random.below(octets.count))
        case 6: swapLines(&octets, &random)
        default: octets.swapAt(place, random.below(octets.count))
        }
    }

    private static func swapLines(_ octets: inout [UInt8], _ random: inout SeededRandom) {
        var lines = octets.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        lines.swapAt(random.below(lines.count), random.below(lines.count))
        octets = Array(lines.joined(separator: [10]))
    }
}
