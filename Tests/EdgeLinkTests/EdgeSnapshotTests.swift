import EdgeLink
import Foundation
import Testing

@Suite struct EdgeSnapshotTests {
    private func snapshot() -> EdgeSnapshot {
        EdgeSnapshot(
            number: 3, main: "main.vcl", files: ["main.vcl": "sub vcl_recv {}"], prelude: "",
            dictionaries: ["redirects": ["/a": "/b"], "shop/blocked": ["192.0.2.0/24": ""]],
            accessLists: ["shop/blocked"], secrets: ["keys"],
            services: [
                ServiceProgram(
                    id: "0123456789abcdefghijKL", name: "Shop", version: 4, domains: ["shop.example.com"],
                    main: .init(name: "main.vcl", text: "sub vcl_recv {}"),
                    dictionaries: ["blocked": "shop/blocked"])
            ], serviceID: "0000000000000000000000")
    }

    @Test func comesBackAsItWasWritten() throws {
        let data = try JSONEncoder().encode(snapshot())
        #expect(try JSONDecoder().decode(EdgeSnapshot.self, from: data) == snapshot())
    }

    @Test func readsWhatAnEarlierVersionKept() throws {
        let old = """
            {"number": 7, "main": "main.vcl", "files": {"main.vcl": ""}, "prelude": "x",
             "dictionaries": {"redirects": {"/a": "/b"}}}
            """
        let found = try JSONDecoder().decode(EdgeSnapshot.self, from: Data(old.utf8))
        #expect(found.number == 7)
        #expect(found.dictionaries["redirects"] == ["/a": "/b"])
        #expect(found.services.isEmpty && found.accessLists.isEmpty && found.secrets.isEmpty)
        #expect(found.serviceID == nil && found.shedding == nil)
    }

    @Test func isTheSameUnderAnotherNumberAlone() {
        var other = snapshot()
        other.number = 9
        #expect(other.isSame(as: snapshot()))
        let changes: [(inout EdgeSnapshot) -> Void] = [
            { $0.services[0].version = 5 }, { $0.services = [] }, { $0.accessLists = [] },
            { $0.secrets = [] }, { $0.serviceID = nil }, { $0.dictionaries["redirects"] = [:] },
            { $0.main = nil }, { $0.files = [:] }, { $0.prelude = "x" },
        ]
        for change in changes {
            var changed = snapshot()
            change(&changed)
            #expect(!changed.isSame(as: snapshot()))
        }
    }

    @Test func readsAPurgeThatNamesNoService() throws {
        let order = try JSONDecoder().decode(
            PurgeOrder.self, from: Data(#"{"number": 1, "scope": {"all": {}}, "soft": false}"#.utf8))
        #expect(order == PurgeOrder(number: 1, scope: .all, soft: false))
        #expect(order.service == nil)
    }
}
