import Testing

@testable import ACME

@Suite struct Base64URLTests {
    /// RFC 4648, section 10, and the two letters that differ.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("??>", "Pz8-"),
        ("???", "Pz8_"),
    ]) func writesAndReads(plain: String, coded: String) {
        #expect(Base64URL.encode(plain.utf8) == coded)
        #expect(Base64URL.decode(coded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg==", "Zm8="]) func takesPadding(coded: String) {
        #expect(Base64URL.decode(coded)?.isEmpty == false)
    }

    @Test(arguments: ["Z", "Zm9v+", "Zm 8", "é"]) func refusesWhatIsNone(coded: String) {
        #expect(Base64URL.decode(coded) == nil)
    }
}
