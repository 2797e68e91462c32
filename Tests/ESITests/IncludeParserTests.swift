import Kernel
import Testing

@testable import ESI

@Suite struct IncludeParserTests {
    /// A page's text with each include as `[src|alt|continues]`.
    static func read(_ page: String, step: Int, cdata: Bool = false) -> String {
        var parser = IncludeParser(readsCDATA: cdata)
        var pieces: [IncludeParser.Piece] = []
        let bytes = Array(page.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            pieces += bytes[start..<min(bytes.count, start + step)].withUnsafeBytes { parser.feed(Bytes($0)) }
        }
        pieces += parser.finish()
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        return pieces.map { piece in
            switch piece {
            case .text(let bytes): text(bytes)
            case .include(let one):
                "[\(text(one.source))\(one.alternative.map { "|" + text($0) } ?? "")\(one.continues ? "|goes on" : "")]"
            }
        }.joined()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let page: String
        let read: String
        var testDescription: String { page }
    }

    static let cases: [Case] = [
        Case(page: "plain <b>text</b>", read: "plain <b>text</b>"),
        Case(page: "a<esi:include src=\"/x\"/>b", read: "a[/x]b"),
        Case(page: "a<ESI:Include SRC='/x' />b", read: "a[/x]b"),
        Case(page: "<esi:include src=\"/x?a=1&amp;b=&quot;\"/>", read: "[/x?a=1&b=\"]"),
        Case(
            page: "<esi:include src=\"/x\" alt=\"/y\" onerror=\"continue\"/>", read: "[/x|/y|goes on]"),
        Case(page: "<esi:include\n  src=\"/x\"\n></esi:include>!", read: "[/x]!"),
        Case(page: "<esi:include src=\"/a>b\"/>", read: "[/a>b]"),
        Case(page: "<esi:include/>x<esi:include src=\"\"/>", read: "x"),
        Case(page: "a<esi:remove>b<esi:include src=\"/x\"/>c</esi:remove>d", read: "ad"),
        Case(page: "a<esi:remove/>b", read: "ab"), Case(page: "a<esi:remove>b", read: "a"),
        Case(page: "a<esi:comment text=\"no > end\"/>b", read: "ab"),
        Case(page: "a<!--esi b<esi:include src=\"/x\"/>-- ->c-->d", read: "a b[/x]-- ->cd"),
        Case(page: "a<!-- esi --><!--e-->b", read: "a<!-- esi --><!--e-->b"),
        Case(
            page: "<![CDATA[<esi:include src=\"/x\"/>]]]>y", read: "<![CDATA[<esi:include src=\"/x\"/>]]]>y"),
        Case(page: "<![CDATA[a]]><esi:include src=\"/x\"/>", read: "<![CDATA[a]]>[/x]"),
        Case(page: "<<esi:include src=\"/x\"/>", read: "<[/x]"), Case(page: "a<esi:inc", read: "a<esi:inc"),
        Case(page: "a<e<es<esi<esi:vars>b</esi:vars>", read: "a<e<es<esib"),
        Case(page: "</esi:remove>x", read: "x"),
    ]

    @Test(arguments: cases, [1, 2, 3, 7, 1000]) func readsAPageHoweverItIsCut(_ one: Case, step: Int) {
        #expect(Self.read(one.page, step: step) == one.read)
    }

    @Test func readsCDATAWhereThatIsAllowed() {
        #expect(
            Self.read("<![CDATA[<esi:include src=\"/x\"/>]]>", step: 5, cdata: true) == "<![CDATA[[/x]]]>")
    }

    @Test func holdsNoPageBackForATagThatNeverEnds() {
        var parser = IncludeParser()
        let page = Array(
            ("<esi:include src=\"" + String(repeating: "x", count: ESILimits.tagBytes + 10)).utf8)
        let pieces = page.withUnsafeBytes { parser.feed(Bytes($0)) }
        #expect(pieces == [.text(page)] && parser.finish().isEmpty)
    }

    @Test func givesTextOnThatCanBeNoTag() {
        var parser = IncludeParser()
        let pieces = "text <b> more <es".withBytes { parser.feed($0) }
        #expect(pieces == [.text(Array("text <b> more ".utf8))])
    }
}
