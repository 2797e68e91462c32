import Kernel
import Testing

@testable import HTTP1

@Suite struct ProxyHeaderTests {
    private func parse(_ bytes: [UInt8]) -> ProxyHeader.Outcome {
        bytes.withUnsafeBytes { ProxyHeader.parse(Bytes($0)) }
    }

    private func parse(_ text: String) -> ProxyHeader.Outcome { parse(Array(text.utf8)) }

    private func ends(_ from: String, _ fromPort: Int, _ to: String, _ toPort: Int) throws -> ProxyHeader.Ends
    {
        ProxyHeader.Ends(
            source: try #require(IPAddress(from)), sourcePort: fromPort,
            destination: try #require(IPAddress(to)), destinationPort: toPort)
    }

    // MARK: version 1

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n", "192.0.2.1", 40000, "198.51.100.7", 443),
        ("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n", "2001:db8::1", 65535, "::1", 0),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1", 1, "::1", 2),
    ]) func readsALine(line: String, from: String, fromPort: Int, to: String, toPort: Int) throws {
        let header = ProxyHeader(
            ends: try ends(from, fromPort, to, toPort), byteCount: line.utf8.count)
        #expect(parse(line + "GET / HTTP/1.1\r\n") == .header(header))
        for count in 0..<line.utf8.count { #expect(parse(Array(line.utf8.prefix(count))) == .needMore) }
    }

    @Test(arguments: ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"])
    func takesAnUnknownClient(
        line: String
    ) {
        #expect(parse(line) == .header(ProxyHeader(ends: nil, byteCount: line.utf8.count)))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXY \r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", "PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
        "PROXY UNKNOWNS\r\n", "PROXY TCP4 " + String(repeating: "1", count: 100),
        "PROXY UNKNOWN " + String(repeating: "x", count: 100) + "\r\n",
    ]) func refusesALineThatIsNone(line: String) { #expect(parse(line) == .malformed) }

    // MARK: version 2

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let short: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 7, 0x9C, 0x40, 0x01, 0xBB]

    private func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], says length: Int? = nil)
        -> [UInt8]
    {
        let length = length ?? rest.count
        return ProxyHeaderTests.signature
            + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
    }

    @Test func readsShortAddresses() throws {
        let bytes = binary(0x21, 0x11, ProxyHeaderTests.short)
        let ends = try ends("192.0.2.1", 40000, "198.51.100.7", 443)
        #expect(parse(bytes + [1, 2, 3]) == .header(ProxyHeader(ends: ends, byteCount: 28)))
        for count in 0..<bytes.count { #expect(parse(Array(bytes.prefix(count))) == .needMore) }
    }

    @Test func readsLongAddresses() throws {
        let from: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let to: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let ends = try ends("2001:db8::1", 1, "::1", 443)
        let bytes = binary(0x21, 0x21, from + to + [0, 1, 1, 0xBB])
        #expect(parse(bytes) == .header(ProxyHeader(ends: ends, byteCount: 52)))
    }

    @Test(arguments: [(UInt8(1), true), (0, false), (3, true)]) func saysWhetherTheClientUsesTLS(
        flags: UInt8, isTLS: Bool
    ) throws {
        let extras: [UInt8] = [0x01, 0, 2, 0x68, 0x32, 0x20, 0, 5, flags, 0, 0, 0, 0]
        let ends = try ends("192.0.2.1", 40000, "198.51.100.7", 443)
        let bytes = binary(0x21, 0x11, ProxyHeaderTests.short + extras)
        #expect(parse(bytes) == .header(ProxyHeader(ends: ends, isTLS: isTLS, byteCount: bytes.count)))
    }

    /// LOCAL, unspecified, a Unix socket, a datagram.
    @Test(arguments: [(UInt8(0x20), UInt8(0x11)), (0x21, 0), (0x21, 0x31), (0x21, 0x12)])
    func takesAProxyThatSpeaksForItself(command: UInt8, family: UInt8) {
        let bytes = binary(command, family, ProxyHeaderTests.short)
        #expect(parse(bytes) == .header(ProxyHeader(ends: nil, byteCount: 28)))
    }

    @Test func refusesWhatIsMalformed() {
        let short = ProxyHeaderTests.short
        #expect(parse(binary(0x11, 0x11, short)) == .malformed)
        #expect(parse(binary(0x22, 0x11, short)) == .malformed)
        #expect(parse(binary(0x21, 0x11, Array(short.dropLast()))) == .malformed)
        #expect(parse(binary(0x21, 0x21, short)) == .malformed)
        #expect(parse(binary(0x21, 0x11, short + [0x20])) == .malformed)
        #expect(parse(binary(0x21, 0x11, short + [0x20, 0, 9, 1])) == .malformed)
        #expect(parse(binary(0x21, 0x11, short, says: 5000)) == .malformed)
        #expect(parse([13, 10, 13, 11]) == .malformed)
        #expect(parse([]) == .needMore)
    }
}
