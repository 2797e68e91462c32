import Foundation
import Kernel
import Testing

@testable import EdgeRecords

@Suite struct RecordFormatTests {
    @Test func writesCombined() {
        let head =
            "GET /a?b=c HTTP/1.1\r\nReferer: https://example.org/?token=t\r\nUser-Agent: A \"B\" \\ C\r\n\r\n"
        #expect(
            line(record(head: head), .combined)
                == #"192.0.2.77 - - [02/Jan/2026:03:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 512 "https://example.org/?token=***" "A \"B\" \\ C""#
                + "\n")
        #expect(
            line(record(head: "GET / HTTP/1.0\r\n\r\n") { $0.bodyBytes = 0 }, .combined).hasSuffix(
                "\"GET / HTTP/1.0\" 200 - \"-\" \"-\"\n"))
        #expect(line(record(), .common).hasSuffix("\"GET /a?x=1 HTTP/1.1\" 200 512\n"))
    }

    @Test func writesJSON() throws {
        let text = line(record(backend: "F_origin", lines: ["x \"y\""]) { $0.flags = .http2 }, .json)
        let value = try JSONReader.read(Array(text.utf8), name: "the line")
        #expect(value["time"] == "2026-01-02T03:04:05.678Z" && value["client"] == "192.0.2.77")
        #expect(value["target"] == "/a?x=1" && value["protocol"] == "HTTP/2" && value["tls"] == false)
        #expect(value["status"] == 200 && value["cache"] == "HIT" && value["bytes"] == 512)
        #expect(value["ms"] == .number("1.234") && value["first_byte_ms"] == .number("1.000"))
        #expect(value["request_id"] == "00000000000000ab" && value["backend"] == "F_origin")
        #expect(value["log"] == nil && value["cut"] == nil && value["identity"] == nil)
        let live = line(record(lines: ["x \"y\""]), .json, includesLines: true)
        #expect(try JSONReader.read(Array(live.utf8), name: "the line")["log"] == ["x \"y\""])
    }

    /// One time is formatted once for many records; the next second is another.
    @Test func keepsNoTimeTooLong() {
        var formatter = RecordFormatter(.json)
        let times = [0, 1, 1_000_000_000].map { offset in
            var out = LineWriter()
            view(record { $0.began += Int64(offset) }) { formatter.write($0, to: &out) }
            return String(String(decoding: out.bytes, as: UTF8.self).dropFirst(9).prefix(23))
        }
        #expect(times == ["2026-01-02T03:04:05.678", "2026-01-02T03:04:05.678", "2026-01-02T03:04:06.678"])
    }

    @Test func saysThatAClientLeft() throws {
        let text = line(record { ($0.status, $0.flags) = (0, .cut) }, .json)
        let value = try JSONReader.read(Array(text.utf8), name: "the line")
        #expect(value["status"] == 499 && value["cut"] == true)
        #expect(line(record { $0.status = 0 }, .common).hasSuffix(" 499 512\n"))
    }

    /// Whatever bytes a client sends, its line is one line, and one that JSON's readers take.
    @Test func isOneLineWhateverComes() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            let junk = (0..<60).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let head =
                "GET /" + String(decoding: junk, as: UTF8.self)
                + " HTTP/1.1\r\nUser-Agent: \u{1B}[2J\"\r\n\r\n"
            for format in RecordFormat.allCases {
                let text = line(record(head: head), format)
                #expect(text.utf8.count { $0 == 0x0A } == 1 && text.hasSuffix("\n"))
                #expect(!text.utf8.contains { $0 < 0x20 && $0 != 0x0A })
                if format == .json { _ = try JSONReader.read(Array(text.utf8), name: "the line") }
            }
        }
    }

    @Test(arguments: [
        ("192.0.2.77", ClientShown.network, "192.0.2.0"), ("192.0.2.77", .none, "-"),
        ("2001:db8:1:2::3", .network, "2001:db8:1::"), ("2001:db8:1:2::3", .full, "2001:db8:1:2::3"),
    ])
    func showsAsMuchOfAClientAsItShall(address: String, shown: ClientShown, expected: String) {
        #expect(shown.text(of: IPAddress(address)!) == expected)
        let text = line(record { $0.client = IPAddress(address)! }, .common, client: shown)
        #expect(text.hasPrefix(expected + " - - "))
    }

    /// Cookies and credentials stand in the copied head, and nowhere else.
    @Test func holdsNoSecret() {
        let head = """
            GET /a?access_token=SECRET&Api-Key=SECRET;%74oken=SECRET&x=1 HTTP/1.1\r
            Cookie: s=SECRET\r
            Authorization: Bearer SECRET\r
            Referer: https://example.org/?password=SECRET#token=SECRET\r
            \r

            """
        for format in RecordFormat.allCases {
            #expect(!line(record(head: head), format, includesLines: true).contains("SECRET"))
        }
    }
}
