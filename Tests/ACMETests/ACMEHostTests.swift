import Kernel
import Testing

@testable import ACME

@Suite struct ACMEHostTests {
    @Test(arguments: [
        ("WWW.Example.org", "www.example.org"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
    func takesNames(text: String, name: String) throws { #expect(try ACMEHost(text).description == name) }

    @Test(arguments: [
        "*.example.org", "192.0.2.1", "bücher.example", "localhost", "", "a..b", "-a.example", "a-.example",
        "a_b.example", "a.example/x", "../a.example", String(repeating: "a", count: 64) + ".example",
    ]) func refusesWhatIsNone(text: String) {
        #expect(throws: Failure.self) { try ACMEHost(text) }
    }

    @Test func knowsDirectoriesByName() throws {
        #expect(try ACMEDirectory.url("letsencrypt") == "https://acme-v02.api.letsencrypt.org/directory")
        #expect(try ACMEDirectory.url("https://ca.test/dir") == "https://ca.test/dir")
        #expect(throws: Failure.self) { try ACMEDirectory.url("lets-encrypt") }
    }
}
