import HTTP1
import Kernel
import Testing

/// RFC 9110, section 7.6.1: what Connection lists goes no further.
@Suite struct HopByHopTests {
    private func left(_ lines: [(StaticString, StaticString)], listed: Bool = true) -> [String] {
        var list = HeaderList()
        for (name, value) in lines { list.append(HeaderField(name: Bytes(name), value: Bytes(value))) }
        HeadWriter.removeHopByHop(&list, listed: listed)
        return list.fields.map { $0.name.string }
    }

    @Test func whatConnectionListsGoes() {
        #expect(
            left([("Connection", "close, X-A ,,x-b"), ("X-A", "1"), ("X-B", "2"), ("X-C", "3")]) == ["X-C"])
    }

    @Test func onEveryLineOfIt() {
        #expect(left([("Connection", "a"), ("A", "1"), ("connection", "b"), ("B", "2"), ("b", "3")]) == [])
    }

    @Test func whatTheMessageNeedsStays() {
        let lines: [(StaticString, StaticString)] = [
            ("Host", "a"), ("Content-Length", "5"), ("Connection", "host, content-length, Connection"),
        ]
        #expect(left(lines) == ["Host", "Content-Length"])
    }

    @Test func whatIsForOneHopGoesUnlisted() {
        let lines: [(StaticString, StaticString)] = [
            ("Keep-Alive", "a"), ("Proxy-Connection", "a"), ("TE", "trailers"), ("Trailer", "a"),
            ("Transfer-Encoding", "chunked"), ("Upgrade", "h2c"), ("Proxy-Authorization", "a"),
            ("Via", "1.1 a"),
        ]
        #expect(left(lines) == ["Via"])
    }

    @Test func aProgramSeesAnUpgradeThatGoesNoFurther() {
        var list = HeaderList()
        list.append(HeaderField(name: Bytes("Connection"), value: Bytes("Upgrade")))
        list.append(HeaderField(name: Bytes("Upgrade"), value: Bytes("websocket")))
        HeadWriter.removeConnectionOptions(&list)
        #expect(list.contains(.upgrade))
        HeadWriter.removeHopByHop(&list, listed: false)
        #expect(list.count == 0)
    }

    @Test func whatAProgramSetsLaterCannotBeListed() {
        var list = HeaderList()
        list.append(HeaderField(name: Bytes("Connection"), value: Bytes("X-Checked")))
        list.append(HeaderField(name: Bytes("X-Checked"), value: Bytes("by the client")))
        HeadWriter.removeConnectionOptions(&list)
        #expect(!list.contains(HeaderName("X-Checked")))
        list.set(HeaderName("X-Checked"), Bytes("by the program"))
        HeadWriter.removeHopByHop(&list, listed: false)
        #expect(list.fields.map { $0.value.string } == ["by the program"])
    }

    @Test func aListOfThousandsIsReadInOnePass() {
        let arena = Arena()
        var list = HeaderList()
        let options = (0..<10_000).map { "x\($0)" }.joined(separator: ",")
        list.append(HeaderField(name: Bytes("Connection"), value: arena.copy(options)))
        for index in 0..<250 {
            list.append(HeaderField(name: arena.copy("X\(index * 100)"), value: .empty))
        }
        HeadWriter.removeConnectionOptions(&list)
        #expect(list.count == 1 + 150)
    }
}
