import EdgeLink
import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import Services

@Suite struct ServicesTests {
    let store: Store

    init() throws {
        store = try Store(
            path: NSTemporaryDirectory() + "hq-services-\(UUID().uuidString).sqlite",
            migrations: Services.migrations)
    }

    private func make(_ name: String, in transaction: StoreTransaction) throws -> ServiceRecord {
        try Services.create(name: name, now: 1, in: transaction)
    }

    /// A service with what it takes to be active.
    private func whole(_ name: String, _ domain: String) throws -> ServiceRecord {
        try store.write { transaction in
            let record = try make(name, in: transaction)
            _ = try Services.create(
                "domain", domain, [:], version: 1, of: record.id, now: 2, in: transaction)
            _ = try Services.create(
                "backend", "origin", ["address": "127.0.0.1", "port": 8080], version: 1, of: record.id,
                now: 3,
                in: transaction)
            return record
        }
    }

    private func activate(_ number: Int, _ id: String) throws -> Change {
        let change = try store.read { try Services.planActivate(number, of: id, taken: [], in: $0) }
        try apply(change.edits)
        return change
    }

    private func apply(_ edits: [Edit]) throws {
        try store.write { transaction in
            for edit in edits {
                #expect(try Services.current(edit, in: transaction) == edit.before)
                try Services.apply(edit, now: 9, in: transaction)
            }
        }
    }

    private func active(_ id: String) throws -> Int? {
        try store.read { try Services.service(id, in: $0).active }
    }

    @Test func idsHaveTwentyTwoLettersAndAreTheSameForTheSameWords() {
        let ids = (0..<100).map { _ in ServiceID.new() }
        #expect(Set(ids).count == 100)
        for id in ids + [ServiceID.of(["a", "b"])] {
            #expect(id.count == 22 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
        #expect(ServiceID.of(["a", "b"]) == ServiceID.of(["a", "b"]))
        #expect(ServiceID.of(["a", "b"]) != ServiceID.of(["ab"]))
    }

    @Test(arguments: [("Go Vote!", "go-vote"), ("  ", "service"), ("Äther 7", "ther-7"), ("a--b", "a-b")])
    func slugsAreWords(_ name: String, _ slug: String) { #expect(ServiceID.slug(name) == slug) }

    @Test func slugsAreUniqueAndStayWhenTheNameChanges() throws {
        let slugs = try store.write { transaction in
            let one = try make("Go Vote", in: transaction)
            let two = try make("go vote", in: transaction)
            let renamed = try Services.update(one.id, name: "Other", comment: nil, now: 2, in: transaction)
            return [one.slug, two.slug, renamed.slug]
        }
        #expect(slugs == ["go-vote", "go-vote-2", "go-vote"])
    }

    @Test func aSlugIsNeverAnothersNotEvenOfOneThatIsGone() throws {
        try store.write { transaction in
            let old = try make("Go Vote", in: transaction)
            try Services.delete(old.id, in: transaction)
            #expect(try make("Go Vote", in: transaction).slug == "go-vote-2")
        }
    }

    @Test func aNameIsTakenOnce() throws {
        let failure = #expect(throws: Failure.self) {
            try store.write { transaction in
                _ = try make("a", in: transaction)
                _ = try make("a", in: transaction)
            }
        }
        #expect(failure?.kind == .conflict)
    }

    @Test func aCloneHasEverythingAndTheSameIDs() throws {
        try store.write { transaction in
            let record = try make("a", in: transaction)
            let made = try Services.create(
                "dictionary", "flags", [:], version: 1, of: record.id, now: 2, in: transaction)
            let next = try Services.clone(1, of: record.id, now: 3, in: transaction)
            #expect(next.number == 2 && !next.isLocked)
            let copy = try Services.object("dictionary", "flags", version: 2, of: record.id, in: transaction)
            #expect(copy.id == made.id)
            try Services.delete("dictionary", "flags", version: 2, of: record.id, in: transaction)
            #expect(
                try Services.object("dictionary", "flags", version: 1, of: record.id, in: transaction).id
                    == made.id)
            #expect(try Services.dictionaries(of: record.id, in: transaction).map(\.fullName) == ["a/flags"])
        }
    }

    @Test func aSecondDictionaryOfTheNameIsAnother() throws {
        try store.write { transaction in
            let record = try make("a", in: transaction)
            for _ in 0..<2 {
                _ = try Services.create(
                    "dictionary", "flags", [:], version: 1, of: record.id, now: 2, in: transaction)
                try Services.delete("dictionary", "flags", version: 1, of: record.id, in: transaction)
            }
            #expect(
                try Services.dictionaries(of: record.id, in: transaction).map(\.fullName) == [
                    "a/flags", "a/flags-2",
                ])
        }
    }

    @Test func nothingChangesInALockedVersion() throws {
        try store.write { transaction in
            let record = try make("a", in: transaction)
            _ = try Services.lock(1, of: record.id, now: 2, in: transaction)
            let failure = #expect(throws: Failure.self) {
                try Services.create(
                    "domain", "a.example", [:], version: 1, of: record.id, now: 3, in: transaction)
            }
            #expect(failure?.message == "version 1 is locked")
            // What is said of it may.
            #expect(
                try Services.comment(1, of: record.id, "x", now: 4, in: transaction).comment == "x")
        }
    }

    @Test func anActivationLocksAndItsUndoGoesBack() throws {
        let record = try whole("a", "a.example")
        let first = try activate(1, record.id)
        #expect(try active(record.id) == 1)
        try store.write { transaction in
            #expect(try Services.version(1, of: record.id, in: transaction).isLocked)
            _ = try Services.clone(1, of: record.id, now: 5, in: transaction)
        }
        let second = try activate(2, record.id)
        try apply(second.inverse)
        #expect(try active(record.id) == 1)
        try apply(first.inverse)
        #expect(try active(record.id) == nil)
    }

    @Test func whatIsNotWholeIsNotActivated() throws {
        let record = try store.write { try make("a", in: $0) }
        let failure = #expect(throws: Failure.self) { try activate(1, record.id) }
        #expect(failure?.message == "version 1 of 'a' is not valid: the version has no domain")
        try store.write { transaction in
            _ = try Services.create(
                "domain", "a.example", [:], version: 1, of: record.id, now: 2, in: transaction)
            _ = try Services.create(
                "vcl", "main", ["content": "sub vcl_recv { set req.ulr = 1; }", "main": true], version: 1,
                of: record.id, now: 3, in: transaction)
        }
        let second = #expect(throws: Failure.self) { try activate(1, record.id) }
        #expect(second?.message.contains("main:1:") == true)
        #expect(second?.message.contains("req.ulr") == true)
    }

    @Test func aDomainBelongsToOneService() throws {
        let (one, two) = (try whole("a", "a.example"), try whole("b", "A.example"))
        _ = try activate(1, one.id)
        let failure = #expect(throws: Failure.self) { try activate(1, two.id) }
        #expect(failure?.message == "the domain 'a.example' is taken by the service 'a'")
        let third = try whole("c", "www.example")
        let site = #expect(throws: Failure.self) {
            try store.read { try Services.planActivate(1, of: third.id, taken: ["www.example"], in: $0) }
        }
        #expect(site?.kind == .conflict)
    }

    @Test func anActiveServiceIsNotDeleted() throws {
        let record = try whole("a", "a.example")
        _ = try activate(1, record.id)
        #expect(throws: Failure.self) { try store.write { try Services.delete(record.id, in: $0) } }
        try apply([Edit(Services.activeKind, [record.id], before: "1", after: nil)])
        try store.write { try Services.delete(record.id, in: $0) }
        #expect(try store.read { try Services.list(in: $0) }.isEmpty)
    }

    @Test func aProgramNamesItsDictionariesByTheirFullNames() throws {
        let record = try whole("Go Vote", "a.example")
        try store.write { transaction in
            for (kind, name) in [("dictionary", "my flags"), ("acl", "blocked")] {
                _ = try Services.create(kind, name, [:], version: 1, of: record.id, now: 4, in: transaction)
            }
            _ = try Services.create(
                "vcl", "main",
                [
                    "content":
                        "sub vcl_recv {\n#FASTLY recv\nif (client.ip ~ blocked) { error 403; }\nif (table.lookup(my_flags, \"x\")) { error 410; } }",
                    "main": true,
                ], version: 1, of: record.id, now: 5, in: transaction)
        }
        _ = try activate(1, record.id)
        let live = try store.read { try Services.live(in: $0) }
        let program = try #require(live.programs.first)
        #expect(program.dictionaries == ["my_flags": "go-vote/my flags", "blocked": "go-vote/blocked"])
        #expect(program.domains == ["a.example"])
        #expect(program.prelude.contains { $0.text.contains("backend F_origin") })
        #expect(!program.prelude.contains { $0.text.contains("acl ") || $0.text.contains("table ") })
    }

    @Test func aDynamicSnippetChangesWithoutAVersion() throws {
        let record = try whole("a", "a.example")
        let id = try store.write { transaction in
            let made = try Services.create(
                "snippet", "s", ["type": "recv", "dynamic": "1"], version: 1, of: record.id, now: 4,
                in: transaction)
            try Services.setSnippetContent(
                made.id, of: record.id, "set req.http.A = \"1\";", now: 4, in: transaction)
            return made.id
        }
        _ = try activate(1, record.id)
        let next = "set req.http.A = \"2\";"
        let change = try store.read { try Services.planSnippet(id, of: record.id, next, in: $0) }
        try apply(change.edits)
        let recv = try store.read { try Services.live(in: $0).programs[0].snippets["recv"] }
        #expect(recv?.contains { $0.text == next } == true)
        #expect(throws: Failure.self) {
            try store.read { try Services.planSnippet(id, of: record.id, "set req.ulr = 1;", in: $0) }
        }
    }

    @Test func theCampaignsServiceFollowsItsFiles() throws {
        func follow(_ text: String) throws -> Int? {
            try store.write {
                try Services.follow(
                    campaign: "c", files: ["main.vcl": text], main: "main.vcl", now: 1, in: $0
                ).active
            }
        }
        #expect(try follow("one") == 1)
        #expect(try follow("one") == 1)
        #expect(try follow("two") == 2)
        // Taken back through another door.
        #expect(try follow("one") == 1)
        let other = try store.write { try make("d", in: $0) }
        let names = try store.read { try Services.list(in: $0).map(\.name) }
        #expect(names == ["c", "d"] && other.active == nil)
    }
}
