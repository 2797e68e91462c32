import Kernel

/// Messages that mostly are right, made of what matters to a reader of them.
enum RandomMessage {
    private static let methods = [
        "GET", "GET", "POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "PURGE", "x~|-9",
    ]
    private static let targets = [
        "/", "/a/b?c=d", "//x", "/é|\"", "*", "http://b/c", "HTTP://b:81?q", "http://b", "https://b/",
        "ftp://b/",
        "http://[::1]/x", "http://u@b/", "/a#b", "http:///", "http://:80/", "http://b:/", "http://b%2d",
    ]
    private static let tunnels = [
        "b:443", "[::1]:443", "b:65535", "b:65536", "b:0", "b:", ":443", "b%2d:443", "b",
    ]
    private static let hosts = [
        "a", "example.com:8080", "a:", "", "[2001:db8::1]:80", "[::ffff:192.0.2.1]", "192.0.2.1", "a%2Db",
        "a_b~!$",
        "[1:2:3:4:5:6:7::]", "a,b", "a/b", "[::1", "::1", "a:b", "%zz", "[1:2:3:4:5:6:7:8:9]", "[v1.a]",
    ]
    private static let lengths = [
        "0", "5", "05", "18", "5, 5", "5,6", "5,", "+5", "", "999999999999999999", "1 1",
    ]
    private static let codings = [
        "chunked", "Chunked", "chunked ", ",chunked", "chunked,", "gzip, chunked", "chunked, gzip",
        "chunked, chunked", "", "identity", "chunked;a=b", "\"chunked\"", "xchunked",
    ]
    private static let names = [
        "X", "accept", "Cookie", "Connection", "!#$%&'*+-.^_`|~", "Content-Length-X", "Hos", "Upgrade", "TE",
    ]
    private static let values = [
        "", "a", "text/html, */*;q=0.8", "a\tb", "ü", "close, x", " padded \t", "\"q\"", "1234567890123456",
    ]
    private static let versions = [
        "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.9", "HTTP/2.0", "http/1.1",
    ]

    /// Mostly the first of a list, so that most messages are right in most of their parts.
    private static func some(_ all: [String], _ random: inout SeededRandom) -> String {
        random.chance(80) ? all[random.below(2)] : random.pick(all)
    }

    static func request(_ random: inout SeededRandom) -> [UInt8] {
        let method = some(methods, &random)
        let target = some(method == "CONNECT" ? tunnels : targets, &random)
        let start = "\(method) \(target) \(some(versions, &random))"
        var lines = ["Host: " + some(hosts, &random)]
        if random.chance(5) { lines.append("host: " + some(hosts, &random)) }
        if random.chance(5) { lines.removeAll() }
        return head(start, lines, &random)
    }

    static func response(_ random: inout SeededRandom) -> [UInt8] {
        let status = random.pick([
            "200 OK", "200", "304 Not Modified", "204 ", "100 Continue", "404 Näh", "999 x", "099 x",
        ])
        return head("\(some(versions, &random)) \(status)", [], &random)
    }

    private static func head(_ start: String, _ first: [String], _ random: inout SeededRandom) -> [UInt8] {
        var lines = first
        for _ in 0..<random.below(6) { lines.append(random.pick(names) + ":" + " " + random.pick(values)) }
        if random.chance(35) { lines.append("Content-Length: " + some(lengths, &random)) }
        if random.chance(8) { lines.append("content-length:" + some(lengths, &random)) }
        if random.chance(35) { lines.append("Transfer-Encoding: " + some(codings, &random)) }
        if random.chance(6) { lines.append("transfer-encoding:" + some(codings, &random)) }
        if random.chance(1) { lines += (0..<random.below(300)).map { "X\($0):" } }
        lines.shuffle(using: &random)
        return Array(
            ([start] + lines + ["", random.pick(["", "", "GET / HTTP/1.1\r\n\r\n"])]).joined(
                separator: "\r\n"
            ).utf8)
    }

    static func chunks(_ random: inout SeededRandom) -> [UInt8] {
        var octets: [UInt8] = []
        for _ in 0..<random.below(4) {
            let size = random.chance(90) ? 1 + random.below(20) : random.below(700)
            let digits = String(size, radix: 16, uppercase: random.chance(50))
            octets += Array((random.chance(20) ? "000" + digits : digits).utf8)
            octets += extensions(&random)
            octets += Array("\r\n".utf8)
            if size == 0 { return octets + Array("\r\n".utf8) }
            for _ in 0..<size {
                octets.append(random.pick([UInt8(13), 10, 48, 97, UInt8(random.below(256))]))
            }
            octets += Array("\r\n".utf8)
        }
        octets += Array("0".utf8) + extensions(&random) + Array("\r\n".utf8)
        for _ in 0..<random.below(3) {
            octets += Array((random.pick(names) + ":" + random.pick(values) + "\r\n").utf8)
        }
        if random.chance(2) {
            octets += Array(("X:" + String(repeating: "y", count: 8150 + random.below(80)) + "\r\n").utf8)
        }
        return octets + Array("\r\n".utf8) + (random.chance(30) ? Array("GET /".utf8) : [])
    }

    private static func extensions(_ random: inout SeededRandom) -> [UInt8] {
        guard random.chance(40) else { return [] }
        let parts = [
            ";x", ";x=y", " ; x\t= y", ";x=\"a;b\\\"c\"", ";x=\"\"", ";x=\"ü\t \"", "\t;\tx", ";x=\"\\\\\"",
            ";" + String(repeating: "x", count: 245 + random.below(14)),
        ]
        return (0..<1 + random.below(2)).flatMap { _ in Array(some(parts, &random).utf8) }
    }
}
