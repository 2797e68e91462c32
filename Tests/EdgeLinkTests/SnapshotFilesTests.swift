import Foundation
import Kernel
import Testing
import VCLRuntime

@testable import EdgeLink

@Suite final class SnapshotFilesTests {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-snapshot-\(UUID().uuidString)")
    let box = EntryBox(token: "the token")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var files: SnapshotFiles { SnapshotFiles(folder: folder, name: "edge-1") }

    private func document(number: Int64 = 7) -> EdgeSnapshot {
        EdgeSnapshot(
            number: number, main: nil, files: ["a.vcl": "sub vcl_recv {}"], prelude: "p", dictionaries: [:],
            secrets: ["keys"])
    }

    private func tables() -> [String: Table] {
        [
            "small": Table(name: "small", entries: [(key: "a", value: "b")]),
            "large": Table(
                name: "large", entries: (0..<20_000).map { (key: "key \($0)", value: "value \($0)") }),
            "keys": Table(name: "keys", entries: [(key: "api", value: "do not show")]),
        ]
    }

    private func value(_ table: Table?, _ key: String) -> String? {
        key.withBytes { key in
            table.flatMap { table in table.lookup(key).isSet ? table.lookup(key).string : nil }
        }
    }

    private func set(_ dictionary: String, _ key: String, _ value: String?, number: Int64) -> EdgeUpdate {
        .dictionary(
            DictionaryDelta(
                number: number, dictionary: dictionary, set: value.map { [key: $0] } ?? [:],
                unset: value == nil ? [key] : []))
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func comesBackWithEveryChange() throws {
        let writer = files
        try writer.write(document(), tables(), box)
        #expect(try !writer.append(set("large", "key 5", "changed", number: 8), sealedBy: nil))
        #expect(try !writer.append(set("small", "a", nil, number: 9), sealedBy: nil))
        #expect(try !writer.append(set("keys", "api", "another", number: 10), sealedBy: box))
        #expect(try !writer.append(.shed(.init(number: 11, rule: nil)), sealedBy: nil))
        let found = try #require(files.load(box))
        #expect(found.document.number == 11 && found.document.files == document().files)
        #expect(found.remarks.isEmpty && found.tables.count == 3)
        #expect(value(found.tables["large"], "key 5") == "changed")
        #expect(value(found.tables["large"], "key 19999") == "value 19999")
        #expect(value(found.tables["small"], "a") == nil && found.tables["small"]?.count == 0)
        #expect(value(found.tables["keys"], "api") == "another")
    }

    @Test func goesOnBehindAChangeThatWasCutShort() throws {
        let writer = files
        try writer.write(document(), tables(), box)
        _ = try writer.append(set("small", "a", "first", number: 8), sealedBy: nil)
        _ = try writer.append(set("small", "a", "second", number: 9), sealedBy: nil)
        let journal = folder.appendingPathComponent(
            try #require(try names().first { $0.hasSuffix(".journal") }))
        let whole = try Data(contentsOf: journal)
        for cut in [1, 20, 60] {
            try whole.dropLast(cut).write(to: journal)
            let reader = files
            #expect(value(try #require(reader.load(box)).tables["small"], "a") == "first")
            _ = try reader.append(set("small", "a", "third", number: 10), sealedBy: nil)
            #expect(value(try #require(files.load(box)).tables["small"], "a") == "third")
        }
        // A record that was altered counts no more than one that is cut short.
        var altered = whole
        altered[altered.count - 3] ^= 1
        try altered.write(to: journal)
        #expect(value(try #require(files.load(box)).tables["small"], "a") == "first")
    }

    @Test func keepsSecretsFromWhoHasTheDiskAlone() throws {
        let writer = files
        try writer.write(document(), tables(), box)
        _ = try writer.append(set("keys", "api", "do not show either", number: 8), sealedBy: box)
        for name in try names() {
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            #expect(data.range(of: Data("do not show".utf8)) == nil, "\(name)")
        }
        for other in [nil, EntryBox(token: "another token")] {
            let found = try #require(files.load(other))
            #expect(found.tables["keys"]?.count == 0 && found.tables["large"]?.count == 20_000)
            #expect(found.remarks.count == 1 && found.remarks[0].contains("'keys'"))
        }
    }

    @Test func readsWhatAnEarlierVersionKept() throws {
        var old = document()
        old.dictionaries = ["small": ["a": "b"]]
        try JSONEncoder().encode(old).write(to: folder.appendingPathComponent("edge-1.snapshot.json"))
        let reader = files
        let found = try #require(reader.load(nil))
        #expect(value(found.tables["small"], "a") == "b" && found.document.number == 7)
        // It has no journal yet: the whole is to be written first.
        #expect(try reader.append(set("small", "a", "c", number: 8), sealedBy: nil))
    }

    @Test func writesALargeDictionaryOnlyWhenItChanged() throws {
        let writer = files
        var tables = tables()
        try writer.write(document(), tables, box)
        let before = try names()
        try writer.write(document(number: 8), tables, box)
        #expect(try names().filter { before.contains($0) }.contains { $0.hasSuffix(".entries") })
        tables["large"] = tables["large"]?.setting([(key: "key 1", value: "new")], removing: [])
        try writer.write(document(number: 9), tables, box)
        #expect(try names().filter { before.contains($0) } == ["edge-1.snapshot.json"])
        #expect(try names().count == 4)
        let found = try #require(files.load(box))
        #expect(value(found.tables["large"], "key 1") == "new" && found.document.number == 9)
    }

    @Test func asksForTheWholeWhenTheJournalHasGrown() throws {
        let writer = files
        try writer.write(document(), tables(), box)
        let long = String(repeating: "x", count: EdgeLinkLimits.journalBytes)
        #expect(try writer.append(set("small", "a", long, number: 8), sealedBy: nil))
        try writer.write(document(number: 8), tables(), box)
        #expect(try !writer.append(set("small", "a", "b", number: 9), sealedBy: nil))
    }

    @Test func isNothingWhenAFileIsMissingOrBroken() throws {
        #expect(files.load(box) == nil)
        try files.write(document(), tables(), box)
        let entries = try names().filter { $0.hasSuffix(".entries") }
        #expect(entries.count == 2)
        for name in entries {
            let place = folder.appendingPathComponent(name)
            let whole = try Data(contentsOf: place)
            try FileManager.default.removeItem(at: place)
            #expect(files.load(box) == nil)
            try whole.write(to: place)
        }
        #expect(files.load(box) != nil)
        try Data("{".utf8).write(to: folder.appendingPathComponent("edge-1.snapshot.json"))
        #expect(files.load(box) == nil)
    }
}
