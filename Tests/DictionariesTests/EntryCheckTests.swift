import CampaignFile
import Kernel
import Testing

@testable import Dictionaries

@Suite struct EntryCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let declared: DictionaryDeclaration
        let key: String
        let value: String
        /// Nil for an entry that is good.
        let refusal: Failure?
        var testDescription: String { "\(declared.kind.rawValue) \(key)=\(value)" }
    }

    static let switches = {
        var made = DictionaryDeclaration(name: "settings", kind: .switches)
        made.switches = [
            .init(name: "ban", about: "", values: ["on", "off"]),
            .init(name: "banner", about: "", values: ["on", "off", "debate"]),
        ]
        return made
    }()
    static let words = {
        var made = DictionaryDeclaration(name: "words", kind: .text)
        (made.longest, made.allowed) = (5, "a-z ")
        return made
    }()
    static let json = {
        var made = DictionaryDeclaration(name: "config", kind: .json)
        made.schema =
            #"{"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}"#
        return made
    }()
    static let redirects = DictionaryDeclaration(name: "redirects", kind: .redirects)
    static let weights = DictionaryDeclaration(name: "landing", kind: .weights)
    static let blocked = DictionaryDeclaration(name: "blocked", kind: .addresses)

    static let cases: [Case] = [
        .init(declared: switches, key: "ban", value: "on", refusal: nil),
        .init(
            declared: switches, key: "ban", value: "maybe",
            refusal: Failure(.invalid, "settings: ban cannot be 'maybe'", hint: "it is on or off")),
        .init(
            declared: switches, key: "banner", value: "yes",
            refusal: Failure(.invalid, "settings: banner cannot be 'yes'", hint: "it is on, off or debate")),
        .init(
            declared: switches, key: "bannr", value: "on",
            refusal: Failure(.invalid, "settings has no switch 'bannr'", hint: "did you mean 'banner'?")),
        .init(declared: words, key: "a", value: "hello", refusal: nil),
        .init(
            declared: words, key: "a", value: "hello you",
            refusal: Failure(.invalid, "words: a has 9 characters, 5 is the most", hint: "take 4 away")),
        .init(
            declared: words, key: "a", value: "<b>",
            refusal: Failure(.invalid, "words: a cannot have the character '<'", hint: "it may have a-z ")),
        .init(declared: weights, key: "a", value: "100", refusal: nil),
        .init(
            declared: weights, key: "a", value: "101",
            refusal: Failure(
                .invalid, "landing: the weight of a cannot be '101'", hint: "a whole number from 0 to 100")),
        .init(
            declared: weights, key: "a", value: "05",
            refusal: Failure(
                .invalid, "landing: the weight of a cannot be '05'", hint: "a whole number from 0 to 100")),
        .init(declared: blocked, key: "!2001:db8::1", value: "", refusal: nil),
        .init(
            declared: blocked, key: "192.0.2.0/33", value: "",
            refusal: Failure(
                .invalid, "blocked: '192.0.2.0/33' is no address and no network",
                hint: "write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; a ! before it makes an exception")),
        .init(declared: redirects, key: "/a", value: "307 https://x.example/a?b=c", refusal: nil),
        .init(declared: redirects, key: "https://www.x.example/a", value: "/b", refusal: nil),
        .init(
            declared: redirects, key: "a", value: "/b",
            refusal: Failure(
                .invalid, "redirects: 'a' is no address to come from",
                hint: "write a path such as /debate, or a whole address: https://...")),
        .init(
            declared: redirects, key: "/a", value: "//evil.example",
            refusal: Failure(
                .invalid, "redirects: /a leads to '//evil.example', which is no address",
                hint: "write a path such as /live, or a whole address: https://...")),
        .init(
            declared: redirects, key: "/a", value: "https://name@evil.example/",
            refusal: Failure(
                .invalid, "redirects: /a leads to 'https://name@evil.example/', which is no address",
                hint: "write a path such as /live, or a whole address: https://...")),
        .init(
            declared: redirects, key: "/a", value: "200 /b",
            refusal: Failure(
                .invalid, "redirects: /a: 200 is no status of a redirect",
                hint: "one of 301, 302, 303, 307, 308")),
        .init(declared: json, key: "a", value: #"{"title": "Live"}"#, refusal: nil),
        .init(
            declared: json, key: "a", value: #"{"title": 1}"#,
            refusal: Failure(.invalid, "config: a: title is integer, not string")),
        .init(
            declared: json, key: "a", value: "{",
            refusal: Failure(.invalid, "config: a is no JSON", hint: "such as {\"title\": \"Watch live\"}")),
        .init(
            declared: DictionaryDeclaration(name: "any"), key: "a", value: "sealed:x",
            refusal: Failure(.invalid, "a value does not begin with 'sealed:'")),
    ]

    @Test(arguments: cases) func judgesAnEntryByItsKind(_ one: Case) throws {
        if let refusal = one.refusal {
            #expect(throws: refusal) { try EntryCheck.require(one.key, one.value, in: one.declared) }
        } else {
            try EntryCheck.require(one.key, one.value, in: one.declared)
        }
    }
}
