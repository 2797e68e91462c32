import CampaignFile
import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import Dictionaries

@Suite struct DictionariesTests {
    let store: Store

    private let seal: Dictionaries.Seal = { String($0.reversed()) }

    private func declaration(_ name: String, _ first: [String: String]) -> DictionaryDeclaration {
        var made = DictionaryDeclaration(name: name, about: "where old addresses go")
        made.first = first
        return made
    }

    init() throws {
        store = try Store(
            path: NSTemporaryDirectory() + "hq-dict-\(UUID().uuidString).sqlite",
            migrations: Dictionaries.migrations)
        var redirects = DictionaryDeclaration(name: "redirects", about: "where old addresses go")
        redirects.first = ["/a": "/b"]
        try store.write { [redirects] in try Dictionaries.declare([redirects], in: $0) }
    }

    private func apply(_ edits: [Edit]) throws {
        try store.write { transaction in for edit in edits { try Dictionaries.apply(edit, in: transaction) } }
    }

    @Test func setsAndTakesBack() throws {
        let change = try store.read { try Dictionaries.planSet("redirects", "/a", "/c", seal: seal, in: $0) }
        #expect(change.summary == "redirects: /a -> /c (was /b)")
        try apply(change.edits)
        #expect(try store.read { try Dictionaries.value("redirects", "/a", in: $0) } == "/c")
        try apply(change.inverse)
        #expect(try store.read { try Dictionaries.value("redirects", "/a", in: $0) } == "/b")
    }

    @Test func importsAsOneChange() throws {
        let change = try store.read {
            try Dictionaries.planImport(
                "redirects", ["/x": "/1", "/y": "/2"], replace: true, seal: seal, in: $0)
        }
        #expect(change.summary == "redirects: import of 2 new, 0 changed, 1 removed")
        try apply(change.edits)
        #expect(
            try store.read { try Dictionaries.entries(of: "redirects", in: $0).map(\.key) } == ["/x", "/y"])
        try apply(change.inverse)
        #expect(try store.read { try Dictionaries.entries(of: "redirects", in: $0).map(\.key) } == ["/a"])
    }

    @Test func explainsMistakes() throws {
        #expect(
            throws: Failure(.notFound, "no dictionary is named 'redirect'", hint: "did you mean 'redirects'?")
        ) {
            try store.read { try Dictionaries.planSet("redirect", "/a", "/c", seal: seal, in: $0) }
        }
        #expect(throws: Failure(.conflict, "redirects: '/a' is '/b' already", hint: "nothing to change")) {
            try store.read { try Dictionaries.planSet("redirects", "/a", "/b", seal: seal, in: $0) }
        }
        #expect(throws: Failure.self) {
            try store.read {
                try Dictionaries.planSet(
                    "redirects", String(repeating: "x", count: 257), "/b", seal: seal, in: $0)
            }
        }
        #expect(throws: Failure.self) {
            try store.read { try Dictionaries.planSet("redirects", "/n", "a\nb", seal: seal, in: $0) }
        }
    }

    @Test func usesFirstEntriesOnce() throws {
        let change = try store.read { try Dictionaries.planUnset("redirects", "/a", in: $0) }
        try apply(change.edits)
        try store.write {
            try Dictionaries.declare(
                [declaration("redirects", ["/a": "/b"]), declaration("new", ["k": "v"])], in: $0)
        }
        #expect(try store.read { try Dictionaries.entries(of: "redirects", in: $0).count } == 0)
        #expect(try store.read { try Dictionaries.entries(of: "new", in: $0).count } == 1)
    }
}
