import Kernel
import Testing

@testable import EdgeRecords

@Suite struct RecordFilterTests {
    private func fits(_ text: String) throws -> Bool {
        let filter = try RecordFilter(text)
        return view(record(backend: "F_origin", lines: ["audit :: saved"]) { $0.flags = .tls }) {
            filter.fits($0)
        }
    }

    @Test(arguments: [
        "status == 200", "status=200", "status >= 200 and status < 300", "cache == hit", "cache != MISS",
        "not cache == MISS", "!(status > 200)", "path ~ \"^/a$\"", "target ~ '[?]x='", "path !~ b", "tls",
        "tls and not cut", "status == 500 or cache == HIT", "bytes <= 1KiB", "ms > 1", "ms < 2ms", "ms < 1s",
        "client == 192.0.2.0/24", "client != 10.0.0.0/8", "host == WWW.example.org", "log ~ audit",
        "request_id == ab", "backend ~ \"^F_\"", "status == 1 or status == 2 or status == 200",
        "status == 500 and cache == HIT or tls", "(((tls)))", "status==200&&tls||cut",
    ])
    func fitsWhatItSays(text: String) throws { #expect(try fits(text)) }

    @Test(arguments: [
        "status == 404", "cache == MISS", "cut", "status == 500 and (cache == HIT or tls)", "ms > 1s",
        "bytes > 1KiB",
        "client == 10.0.0.0/8", "log ~ nothing", "path ~ \"^a\"", "not tls", "status < 200",
        "request_id != ab",
    ])
    func fitsNothingElse(text: String) throws { #expect(try !fits(text)) }

    @Test(arguments: [
        ("", "a field"), ("statu == 1", "no field 'statu'"), ("status", "=="), ("status ==", "a value"),
        ("status == x", "a number"), ("status ~ 2", "a number"), ("path < 1", "==, !="), ("(tls", "a ')'"),
        ("tls tls", "'and', 'or'"), ("path ~ \"(\"", "no pattern"), ("path ~ \"a", "closing"),
        ("client == x", "an address"), ("ms > soon", "milliseconds"), ("time == 1", "cannot be compared"),
        ("tls and", "a field"), ("& tls", "means nothing"),
    ])
    func saysWhatIsWrong(text: String, part: String) {
        let failure = #expect(throws: Failure.self) { try RecordFilter(text) }
        #expect(
            failure?.kind == .usage && failure?.message.contains(part) == true, "\(failure?.message ?? "")")
    }

    @Test func isBounded() {
        let deep = String(repeating: "(", count: 1000) + "tls" + String(repeating: ")", count: 1000)
        #expect(throws: Failure.self) { try RecordFilter(deep) }
        #expect(throws: Failure.self) { try RecordFilter(String(repeating: "tls or ", count: 1000) + "tls") }
        #expect(throws: Failure.self) { try RecordFilter(String(repeating: "not ", count: 900) + "tls") }
    }

    /// A pattern that would take for ever gives up instead.
    @Test func endsWhateverThePattern() throws {
        let filter = try RecordFilter("target ~ \"(a+)+$\"")
        let head = "GET /" + String(repeating: "a", count: 4000) + "! HTTP/1.1\r\n\r\n"
        #expect(view(record(head: head)) { !filter.fits($0) })
    }
}
