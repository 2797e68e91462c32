import Kernel
import Testing
import VCLService

@testable import Remote

@Suite struct RemoteDifferenceTests {
    private func service(_ build: (inout FastlyService) -> Void) -> FastlyService {
        var made = FastlyService()
        made.files = [.init(name: "main.vcl", content: "sub vcl_recv {}", isMain: true)]
        build(&made)
        return made
    }

    private func list(_ here: FastlyService, _ there: FastlyService) -> [String] {
        RemoteDifference.list(here: here, there: there).map {
            "\($0.kind.rawValue) \($0.name): \($0.here ?? "-") / \($0.there ?? "-")"
        }
    }

    @Test func findsNothingWhereNothingDiffers() {
        #expect(list(service { _ in }, service { _ in }).isEmpty)
    }

    @Test func namesEachThingThatDiffers() {
        let here = service {
            $0.dictionaries = [.init(name: "redirects", items: [.init(key: "/a", value: "/b")])]
            var backend = FastlyService.Backend()
            (backend.name, backend.address, backend.port) = ("origin", "o.example", 443)
            $0.backends = [backend]
            var acl = FastlyService.ACL()
            acl.name = "blocked"
            acl.entries = [.init(key: "!192.0.2.7", comment: "us")!]
            $0.acls = [acl]
        }
        let there = service {
            $0.dictionaries = [
                .init(
                    name: "redirects", items: [.init(key: "/a", value: "/c"), .init(key: "/x", value: "/y")])
            ]
            var acl = FastlyService.ACL()
            acl.name = "blocked"
            acl.entries = [.init(key: "192.0.2.7", comment: "us")!]
            $0.acls = [acl]
        }
        #expect(
            list(here, there) == [
                "backend origin: o.example:443 / -", "item redirects /a: /b / /c",
                "item redirects /x: - / /y",
                "entry blocked !192.0.2.7: us / -", "entry blocked 192.0.2.7: - / us",
            ])
    }

    @Test func comparesNoItemsThatNobodyReads() {
        func secrets(_ value: String) -> FastlyService {
            service {
                var dictionary = FastlyService.Dictionary(
                    name: "keys", items: [.init(key: "k", value: value)])
                dictionary.isWriteOnly = true
                $0.dictionaries = [dictionary]
            }
        }
        #expect(list(secrets("a"), secrets("b")).isEmpty)
    }

    @Test(arguments: ["192.0.2.0/24", "192.0.2.7", "!2001:db8::/32", "!2001:db8::1"])
    func anEntryIsReadAndWrittenAlike(key: String) throws {
        let entry = try #require(FastlyService.ACL.Entry(key: key, comment: ""))
        #expect(entry.text == key)
        #expect(try FastlyService.ACL.Entry(entry.json).text == key)
    }
}
