import HTTP1
import Kernel
import Testing

@testable import HTTPCache

@Suite struct StructuredFieldTests {
    @Test(arguments: [
        "", "a", "max-age=60", "a=1, b=2", "a, b;c=1;d, e=?0", "a=1.5", "a=-3", "a=\"x, y\"", "a=\"\\\"\"",
        "a=tok/en",
        "a=*x", "a=:YWI=:", "a=(1 2 \"c\");p", "a=()", "*k=1", "a=1;  b", "a=999999999999999", "a=1,b=2",
    ])
    func readsADictionary(text: String) {
        #expect(text.withBytes { StructuredField.isDictionary($0) })
    }

    @Test(arguments: [
        "A", "a=", "a =1", "a= 1", "a,", ",a", "a;;b", "a=1.", "a=1.2345", "a=1000000000000000", "a=\"x",
        "a=\"\u{1}\"",
        "a=\"\\x\"", "a=?2", "a=:!:", "a=(1 2", "a=(1,2)", "a b", "a=1 b=2", "a=é", "=1", "a=&&",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(!text.withBytes { StructuredField.isDictionary($0) })
    }
}

@Suite struct TargetedFieldTests {
    private func judge(_ headers: [(StaticString, StaticString)], status: Int = 200) -> Freshness {
        var head = ResponseHead()
        head.status = status
        for (name, value) in headers {
            head.headers.append(HeaderField(name: Bytes(name), value: Bytes(value)))
        }
        return Freshness(head, now: 1_000_000_000_000_000_000, requestHasAuthorization: false)
    }

    @Test func goBeforeCacheControl() {
        let both = judge([("CDN-Cache-Control", "max-age=60"), ("Cache-Control", "no-store, max-age=5")])
        #expect(both.lifetime == 60 * Freshness.second && both.storable)
        let short = judge([("CDN-Cache-Control", "max-age=1"), ("Cache-Control", "max-age=3600")])
        #expect(short.lifetime == Freshness.second)
        #expect(!judge([("CDN-Cache-Control", "private"), ("Cache-Control", "max-age=60")]).storable)
        #expect(!judge([("CDN-Cache-Control", "no-store"), ("Cache-Control", "max-age=60")]).storable)
        #expect(judge([("CDN-Cache-Control", "no-cache"), ("Cache-Control", "max-age=60")]).lifetime <= 0)
        let surrogate = judge([("CDN-Cache-Control", "max-age=60"), ("Surrogate-Control", "max-age=7")])
        #expect(surrogate.lifetime == 7 * Freshness.second)
    }

    @Test(arguments: ["max-age= 60", "max-age=60, &&", "MAX-AGE=60", ""] as [StaticString])
    func areNothingWhenTheyAreNoDictionary(value: StaticString) {
        let found = judge([("CDN-Cache-Control", value), ("Cache-Control", "max-age=5")])
        #expect(found.lifetime == 5 * Freshness.second)
    }

    @Test func aNumberInQuotesIsNoLifetime() {
        #expect(
            judge([("CDN-Cache-Control", "max-age=\"60\""), ("Cache-Control", "max-age=5")]).lifetime == 0)
    }

    @Test func knowsWhatMustBeUnderstood() {
        let words: (StaticString, StaticString) = ("Cache-Control", "max-age=60, no-store, must-understand")
        #expect(judge([words]).storable)
        #expect(!judge([words], status: 599).storable)
    }

    @Test func keepsWhatCanBeAskedAbout() {
        #expect(judge([("Cache-Control", "no-cache"), ("ETag", "\"1\"")]).storable)
        #expect(judge([("ETag", "\"1\"")]).storable)
        #expect(!judge([("X", "1")]).storable)
        #expect(!judge([("ETag", "\"1\""), ("Cache-Control", "private")]).storable)
    }

    @Test(
        arguments: [("7200, 0", 7200), ("0, 7200", 0), ("abc", 0), ("-5", 0), ("7200.0", 0)]
            as [(StaticString, Int64)])
    func takesTheFirstAge(value: StaticString, seconds: Int64) {
        #expect(judge([("Age", value)]).age == seconds * Freshness.second)
    }
}

@Suite struct VaryMatchingTests {
    @Test(arguments: [
        ("Foo", "1,2", " 1, 2 "), ("Foo", "a", "a"), ("Accept-Language", "en, de", "de,en"),
        ("Accept-Language", "eN;q=0.50, De", "de, en;q=0.5"), ("Accept-Language", "fr;q=0.5, de;q=1.0", "x"),
    ])
    func finds(name: String, own: String, kept: String) { #expect(matches(name, own, kept)) }

    @Test(arguments: [
        ("Foo", "1,2", "2,1"), ("Foo", "a", "A"), ("Accept-Language", "en, de", "en"),
        ("Accept-Language", "de;q=0.5, en", "en;q=0.5, de"), ("Accept-Language", "fr, de;q=0.9", "x"),
        ("Accept-Language", "fr, de", "x"), ("Accept-Language", "de;q=0", "x"),
    ])
    func keepsApart(name: String, own: String, kept: String) { #expect(!matches(name, own, kept)) }

    /// The kept response is in German.
    private func matches(_ name: String, _ own: String, _ kept: String) -> Bool {
        let arena = Arena()
        var headers = HeaderList()
        headers.append(HeaderField(name: Bytes("Content-Language"), value: Bytes("de")))
        return VaryMatching.matches(HeaderName(arena.copy(name)), arena.copy(own), arena.copy(kept), headers)
    }
}
