package import Kernel

/// What a proxy in front says of the connection that it hands on, before the connection's own first byte:
/// HAProxy's PROXY protocol (proxy-protocol.txt), versions 1 and 2.
package struct ProxyHeader: Sendable, Equatable {
    package struct Ends: Sendable, Equatable {
        package var source: IPAddress
        package var sourcePort: Int
        package var destination: IPAddress
        package var destinationPort: Int

        package init(source: IPAddress, sourcePort: Int, destination: IPAddress, destinationPort: Int) {
            self.source = source
            self.sourcePort = sourcePort
            self.destination = destination
            self.destinationPort = destinationPort
        }
    }

    /// Nil when the proxy speaks for itself (a health check) or does not know.
    package var ends: Ends?
    /// Whether the client came to the proxy over TLS; only version 2 can say so.
    package var isTLS = false
    /// Octets of the header; the connection's own follow.
    package var byteCount: Int

    package enum Outcome: Sendable, Equatable {
        case needMore
        case malformed
        case header(ProxyHeader)
    }

    package init(ends: Ends?, isTLS: Bool = false, byteCount: Int) {
        self.ends = ends
        self.isTLS = isTLS
        self.byteCount = byteCount
    }

    /// Reads the header at the beginning of `bytes`.
    package static func parse(_ bytes: Bytes) -> Outcome {
        guard bytes.count > 0 else { return .needMore }
        return bytes[0] == signature[0] ? parseBinary(bytes) : parseLine(bytes)
    }

    // MARK: version 1

    private static func parseLine(_ bytes: Bytes) -> Outcome {
        let word = Bytes("PROXY ")
        for index in 0..<min(word.count, bytes.count) where bytes[index] != word[index] { return .malformed }
        guard let lf = bytes.firstIndex(of: 0x0A) else {
            return bytes.count < HTTP1Limits.proxyLineBytes ? .needMore : .malformed
        }
        guard lf < HTTP1Limits.proxyLineBytes, bytes[lf - 1] == 0x0D, lf > word.count else {
            return .malformed
        }
        let line = bytes.slice(word.count, lf - 1)
        // What follows UNKNOWN is to be ignored.
        if line == "UNKNOWN" || line.hasPrefix("UNKNOWN ") {
            return .header(ProxyHeader(ends: nil, byteCount: lf + 1))
        }
        guard let ends = ends(line) else { return .malformed }
        return .header(ProxyHeader(ends: ends, byteCount: lf + 1))
    }

    private static func ends(_ line: Bytes) -> Ends? {
        var words: [Bytes] = []
        var from = 0
        while let space = line.firstIndex(of: 0x20, from: from), words.count < 5 {
            words.append(line.slice(from, space))
            from = space + 1
        }
        words.append(line.slice(from, line.count))
        guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6",
            let source = IPAddress(words[1]), let destination = IPAddress(words[2]),
            let sourcePort = port(words[3]), let destinationPort = port(words[4])
        else { return nil }
        // An IPv6 address may be a mapped IPv4 one, and an IPv4 address has dots alone.
        if words[0] == "TCP4" {
            for word in words[1...2] where word.firstIndex(of: UInt8(ascii: ":")) != nil { return nil }
        } else {
            for word in words[1...2] where word.firstIndex(of: UInt8(ascii: ":")) == nil { return nil }
        }
        return Ends(
            source: source, sourcePort: sourcePort, destination: destination, destinationPort: destinationPort
        )
    }

    private static func port(_ word: Bytes) -> Int? {
        guard (1...5).contains(word.count), word.count == 1 || word[0] != UInt8(ascii: "0") else {
            return nil
        }
        for byte in word.buffer where byte &- 0x30 >= 10 { return nil }
        guard let value = word.decimal, value <= 65535 else { return nil }
        return Int(value)
    }

    // MARK: version 2

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    private static func parseBinary(_ bytes: Bytes) -> Outcome {
        for index in 0..<min(12, bytes.count) where bytes[index] != signature[index] { return .malformed }
        guard bytes.count >= 16 else { return .needMore }
        let length = Int(number(bytes, 14, 2))
        guard bytes[12] >> 4 == 2, bytes[12] & 15 <= 1, 16 + length <= HTTP1Limits.proxyHeaderBytes else {
            return .malformed
        }
        guard bytes.count >= 16 + length else { return .needMore }
        var header = ProxyHeader(ends: nil, byteCount: 16 + length)
        // LOCAL: the proxy itself asks.
        if bytes[12] & 15 == 0 { return .header(header) }
        let size: Int
        switch bytes[13] {
        case 0x11: size = 12
        case 0x21: size = 36
        // Datagrams, Unix sockets and what is not specified have no address that we could use.
        default: return .header(header)
        }
        guard length >= size else { return .malformed }
        header.ends = size == 12 ? shortEnds(bytes) : longEnds(bytes)
        guard let isTLS = saysTLS(bytes, from: 16 + size, to: 16 + length) else { return .malformed }
        header.isTLS = isTLS
        return .header(header)
    }

    private static func shortEnds(_ bytes: Bytes) -> Ends {
        Ends(
            source: IPAddress(v4: UInt32(number(bytes, 16, 4))), sourcePort: Int(number(bytes, 24, 2)),
            destination: IPAddress(v4: UInt32(number(bytes, 20, 4))),
            destinationPort: Int(number(bytes, 26, 2)))
    }

    private static func longEnds(_ bytes: Bytes) -> Ends {
        Ends(
            source: IPAddress(high: number(bytes, 16, 8), low: number(bytes, 24, 8)),
            sourcePort: Int(number(bytes, 48, 2)),
            destination: IPAddress(high: number(bytes, 32, 8), low: number(bytes, 40, 8)),
            destinationPort: Int(number(bytes, 50, 2)))
    }

    /// Looks for PP2_TYPE_SSL among what follows the addresses; nil when that is cut off.
    private static func saysTLS(_ bytes: Bytes, from: Int, to end: Int) -> Bool? {
        var at = from
        var isTLS = false
        while at < end {
            guard at + 3 <= end else { return nil }
            let length = Int(number(bytes, at + 1, 2))
            guard at + 3 + length <= end else { return nil }
            // The first bit of its first octet: the client connected over TLS.
            if bytes[at] == 0x20, length >= 5 { isTLS = bytes[at + 3] & 1 == 1 }
            at += 3 + length
        }
        return isTLS
    }

    private static func number(_ bytes: Bytes, _ at: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in at..<at + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}
