import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Services
import Testing

@testable import FastlyAPI

@Suite struct FieldsTests {
    private func request(_ body: String, _ type: String? = nil) -> HTTPRequest {
        HTTPRequest(
            method: "POST", path: "/", headers: type.map { ["content-type": $0] } ?? [:],
            body: Data(body.utf8))
    }

    @Test(arguments: [
        ("name=a+b&port=80", "application/x-www-form-urlencoded"),
        ("{\"name\": \"a b\", \"port\": 80}", "application/json"), ("{\"name\": \"a b\", \"port\": 80}", ""),
    ])
    func readsFormsAndJSONAlike(_ body: String, _ type: String) throws {
        let fields = try Fields(request(body, type.isEmpty ? nil : type))
        #expect(try fields.text("name") == "a b")
        #expect(try fields.integer("port") == 80)
    }

    @Test func nothingIsNoMistakeWhateverItsType() throws {
        #expect(try Fields(request("", "application/json"))["name"] == nil)
        #expect(throws: Failure.self) { try Fields(request("{", "application/json")) }
    }

    @Test(arguments: ["True", "true", "1"]) func readsFlagsOfAllClients(_ text: String) throws {
        #expect(try Fields(request("main=\(text)")).flag("main") == true)
        #expect(throws: Failure.self) { try Fields(request("main=perhaps")).flag("main") }
    }

    @Test func repeatedNamesAreALists() throws {
        let fields = try Fields(request("a[]=1&a[]=2&b=1&b=2&c=1"))
        #expect(fields["a"] == ["1", "2"] && fields["b"] == ["1", "2"] && fields["c"] == "1")
    }
}

@Suite struct RouteTests {
    private func match(_ pattern: String, _ path: String) -> [String: String]? {
        Route("GET", pattern, .viewer) { _ in Answer.ok }.match(path)
    }

    @Test func partsAreNamed() {
        #expect(match("/service/:id/version/:v", "/service/x/version/2") == ["id": "x", "v": "2"])
        #expect(match("/service/:id", "/service/x/version") == nil)
        #expect(match("/service/:id", "/service/") == nil)
        #expect(match("/service/:id", "/other/x") == nil)
    }

    @Test func anEncodedSlashIsPartOfAName() {
        #expect(match("/item/:key", "/item/%2Fa%2Fb") == ["key": "/a/b"])
        #expect(match("/purge/*url", "/purge/www.example/a/b") == ["url": "www.example/a/b"])
    }

    @Test func everyRouteIsThereOnce() {
        // A path of its own kind finds the row that is meant, not one that takes any word.
        func first(_ method: String, _ path: String) -> Int? {
            FastlyServer.routes.firstIndex { $0.method == method && $0.match(path) != nil }
        }
        #expect(first("GET", "/service/search") != first("GET", "/service/x"))
        #expect(first("GET", "/service/x/version/active") != first("GET", "/service/x/version/1"))
        #expect(
            first("GET", "/service/x/version/1/backend") != nil
                && first("GET", "/service/x/version/1/logging/s3") == nil)
        #expect(first("PUT", "/service/x/version/1/vcl/m/main") != nil)
    }
}

@Suite struct ObjectKindTests {
    @Test func aNewObjectHasFastlysDefaultsInItsTypes() throws {
        let body = try ObjectKind.backend.body(
            Fields(["address": "a.example", "port": "8080", "use_ssl": "True"]))
        #expect(body["port"] == 8080 && body["use_ssl"] == true && body["connect_timeout"] == 1000)
        #expect(body["share_key"] == .null)
        let header = try ObjectKind.header.body(
            Fields(["action": "set", "type": "request", "dst": "http.X", "priority": 10, "ignore_if_set": 1]))
        #expect(header["priority"] == "10" && header["ignore_if_set"] == "1")
    }

    @Test func aChangeLeavesTheRest() throws {
        let old = try ObjectKind.backend.body(Fields(["address": "a.example", "port": 8080]))
        let new = try ObjectKind.backend.body(Fields(["weight": "7"]), after: old)
        #expect(new["port"] == 8080 && new["weight"] == 7 && new["address"] == "a.example")
    }

    @Test(arguments: [
        (ObjectKind.backend, Fields(["port": 80]), "backend: 'address' is missing"),
        (.backend, Fields(["address": "a", "port": "x"]), "backend: 'port' is a whole number, not \"x\""),
        (
            .backend, Fields(["address": "a", "port": 70000]),
            "backend: port: expected a number of 1 to 65535"
        ),
        (.snippet, Fields(["type": "recvv"]), "snippet: type: expected one of init"),
    ])
    func refusesWhatMakesNoSense(_ kind: ObjectKind, _ fields: Fields, _ message: String) {
        let failure = #expect(throws: Failure.self) { try kind.body(fields) }
        #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
    }

    @Test func aClientsKeyIsKeptSealedAndNeverShown() throws {
        let given = Fields(["address": "a.example", "ssl_client_key": "KEY"])
        let kept = try ObjectKind.backend.sealed(ObjectKind.backend.body(given)) { String($0.reversed()) }
        #expect(kept["ssl_client_key"] == .string(Sealed.mark + "YEK"))
        // What is sealed stays as it is.
        #expect(ObjectKind.backend.sealed(kept) { _ in "twice" } == kept)
        let object = ServiceObjectRecord(
            kind: "backend", name: "b", id: "", body: kept, created: 0, updated: 0)
        #expect(ObjectKind.backend.json(object, "S", 1)["ssl_client_key"] == .null)
        let pasted = Fields(["address": "a", "ssl_client_key": .string(Sealed.mark + "YEK")])
        #expect(throws: Failure.self) { try ObjectKind.backend.body(pasted) }
    }

    @Test(arguments: ["", "*.", "a b", "https://a.example", "a..b", "*.*.example", "a.example/"])
    func refusesWhatIsNoDomain(_ name: String) {
        #expect(throws: Failure.self) { try ObjectRoutes.requireName(name, .domain) }
    }

    @Test(arguments: ["www.example.com", "*.example.com", "localhost", "_a.b-c.example"])
    func takesDomains(_ name: String) throws { try ObjectRoutes.requireName(name, .domain) }

    @Test func answersAsFastlyDoes() throws {
        let object = ServiceObjectRecord(
            kind: "acl", name: "blocked", id: "X", body: [:], created: 1_478_635_200_000,
            updated: 1_478_635_200_000)
        let json = ObjectKind.acl.json(object, "S", 3)
        #expect(json["version"] == "3" && json["id"] == "X" && json["deleted_at"] == .null)
        #expect(json["created_at"] == "2016-11-08T20:00:00Z")
        let setting = ServiceObjectRecord(
            kind: "cache_settings", name: "c", id: "", body: ["ttl": "60"], created: 0, updated: 0)
        let answered = ObjectKind.cacheSettings.json(setting, "S", 1)
        #expect(answered["ttl"] == "60" && answered["stale_ttl"] == nil && answered["action"] == .null)
    }
}

@Suite struct APIBoundTests {
    @Test func aTokenHasItsChangesEachHour() {
        var limit = RateLimit(most: 2)
        #expect(limit.take(1, now: 0, counts: true) == .init(remaining: 1, reset: 3600, isOver: false))
        #expect(limit.take(1, now: 1, counts: true).remaining == 0)
        #expect(limit.take(1, now: 2, counts: true).isOver)
        #expect(!limit.take(1, now: 2, counts: false).isOver)
        #expect(!limit.take(2, now: 2, counts: true).isOver)
        #expect(
            limit.take(1, now: 3_600_000, counts: true) == .init(remaining: 1, reset: 7200, isOver: false))
    }

    private func page(_ query: String) throws -> Page {
        let pairs = query.split(separator: "&").map { $0.split(separator: "=").map(String.init) }
        return try Page(
            HTTPRequest(
                method: "GET", path: "/",
                query: Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })))
    }

    @Test func pagesAreSlices() throws {
        let all = Array(1...45)
        #expect(try page("").slice(all).count == 45)
        #expect(try Array(page("page=3").slice(all)) == Array(41...45))
        #expect(try Array(page("page=2&per_page=10").slice(all)) == Array(11...20))
        #expect(try page("page=9").slice(all).isEmpty)
        #expect(try page("page=\(Int.max)").slice(all).isEmpty)
        #expect(throws: Failure.self) { try page("page=0") }
    }

    @Test func linksLeadAround() throws {
        let request = HTTPRequest(
            method: "GET", path: "/x", query: ["page": "2", "per_page": "10"],
            queryText: "page=2&per_page=10&sort=name", headers: ["host": "h"], rawPath: "/x")
        let link = try #require(try Page(request).link(request, total: 30))
        #expect(link.contains("<http://h/x?sort=name&page=3&per_page=10>; rel=\"next\""))
        #expect(link.contains("page=1&per_page=10>; rel=\"prev\"") && link.contains("rel=\"last\""))
        #expect(try Page(request).link(request, total: 10) == nil)
    }

    @Test(arguments: [
        ("www.example/a/b", "x=1", "www.example", "/a/b?x=1"),
        ("https://WWW.example/a", "", "www.example", "/a"),
        ("www.example%2Fa%2Fb", "", "www.example", "/a/b"), ("www.example", "", "www.example", "/"),
    ])
    func addressesToPurge(_ raw: String, _ query: String, _ host: String, _ target: String) throws {
        #expect(try PurgeRoutes.address(raw, query) == PurgeOrder.Scope.url(host: host, target: target))
    }

    @Test(arguments: [
        ("POST", "/service", "service.create"), ("DELETE", "/service/x", "service.delete"),
        ("POST", "/service/x/version", "version.create"),
        ("PUT", "/service/x/version/1/clone", "version.clone"),
        ("POST", "/service/x/purge/a/b", "service.update"),
        ("POST", "/service/x/purge_all", "service.purge_all"), ("POST", "/purge/h/x", "service.update"),
    ])
    func eventsHaveFastlysTypes(_ method: String, _ path: String, _ type: String) {
        #expect(AccountRoutes.type(ofRequest: ["fastly-api", method, path]) == type)
    }

    @Test func failuresHaveFastlysStatuses() {
        func status(_ kind: Failure.Kind, _ context: [String: String] = [:]) -> Int {
            Answer(Failure(kind, "x", context: context)).status
        }
        #expect(status(.invalid) == 400 && status(.refused) == 403 && status(.conflict) == 409)
        #expect(status(.unauthenticated) == 401 && status(.refused, ["status": "422"]) == 422)
        let body = Answer(Failure(.refused, "weights add up to 105", hint: "make it 100")).body
        #expect(String(decoding: body, as: UTF8.self).contains("\"msg\":\"weights add up to 105\""))
    }

    @Test(
        arguments: [
            (["ip": "192.0.2.0", "subnet": 24, "negated": 1], "!192.0.2.0/24"),
            (["ip": "192.0.2.7"], "192.0.2.7"),
            (["ip": "192.0.2.7", "subnet": "32", "negated": "0"], "192.0.2.7"),
        ] as [(JSONValue, String)])
    func addressesAreKeys(_ given: JSONValue, _ key: String) throws {
        #expect(try EntryRoutes.Address(given).key == key)
    }

    @Test func noAddressIsRefused() {
        #expect(throws: Failure.self) { try EntryRoutes.Address(["ip": "192.0.2.0", "subnet": 33]) }
        #expect(throws: Failure.self) { try EntryRoutes.Address([:]) }
    }
}
