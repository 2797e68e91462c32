import Foundation
import Testing

@testable import Dictionaries

@Suite struct EntryTextTests {
    @Test(arguments: [
        "/a,/b\n/c,\"x,y\"\n", "/a,/b\r\n/c,\"x,y\"\r\n", "\u{FEFF}/a,/b\r\n/c,\"x,y\"",
        "{\"/a\": \"/b\", \"/c\": \"x,y\"}",
    ])
    func reads(text: String) throws {
        #expect(try EntryText.parse(Data(text.utf8)) == ["/a": "/b", "/c": "x,y"])
    }

    @Test(arguments: ["/a", "/a,b,c", "/a,b\"c\"d", "/a,/b\n/a,/c", "{\"/a\": 1}", "/a,\"b"])
    func refuses(text: String) {
        #expect(throws: (any Error).self) { try EntryText.parse(Data(text.utf8)) }
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: (any Error).self) { try EntryText.parse(Data([0x2F, 0x61, 0x2C, 0xE9])) }
    }
}
