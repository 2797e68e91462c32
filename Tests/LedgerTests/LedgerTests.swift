import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import Ledger

@Suite struct LedgerTests {
    let store: Store

    init() throws {
        let path = NSTemporaryDirectory() + "hq-ledger-\(UUID().uuidString).sqlite"
        store = try Store(path: path, migrations: Ledger.migrations)
        for index in 1...5 {
            let change = Change(
                summary: "change \(index)",
                edits: [Edit("t", ["\(index % 2)"], before: "\(index)", after: "\(index + 1)")])
            let draft = LedgerDraft(
                at: Int64(index), actor: Actor(name: "ann", role: .editor, door: .terminal),
                argv: ["x", "\(index)"], change: change, verdicts: [],
                outcome: .applied, because: index == 3 ? "why" : nil)
            _ = try store.write { try Ledger.append(draft, in: $0) }
        }
    }

    @Test func holdsAndChainsItsEntries() throws {
        #expect(try store.read { try Ledger.verify(in: $0) } == nil)
        let entry = try #require(try store.read { try Ledger.entry(3, in: $0) })
        #expect(entry.because == "why")
        #expect(entry.change.summary == "change 3")
        let second = try store.read { try Ledger.entry(2, in: $0) }
        #expect(entry.previousHash == second?.hash)
    }

    @Test(
        arguments: [
            ("UPDATE ledger_entry SET because = 'other' WHERE number = 3", "entry 3 was altered"),
            ("UPDATE ledger_entry SET person = 'bob' WHERE number = 2", "entry 2 was altered"),
            ("DELETE FROM ledger_entry WHERE number = 4", "entry 4 is missing"),
            ("DELETE FROM ledger_entry WHERE number = 5", "entries 5 to 5 are missing at the end"),
            ("UPDATE ledger_entry SET hash = 'x' WHERE number = 1", "entry 1 was altered"),
        ])
    func findsWhatWasTamperedWith(sql: String, message: String) throws {
        try store.write { try $0.execute(sql) }
        #expect(try store.read { try Ledger.verify(in: $0) } == message)
    }

    @Test func findsWhoTouchedAThingLater() throws {
        let resource = Edit("t", ["1"], before: nil, after: nil).resource
        #expect(try store.read { try Ledger.laterEntry(touching: resource, after: 1, in: $0) } == 5)
        #expect(try store.read { try Ledger.laterEntry(touching: resource, after: 5, in: $0) } == nil)
    }

    @Test func filters() throws {
        func numbers(_ set: (inout Ledger.Filter) -> Void) throws -> [Int64] {
            var filter = Ledger.Filter()
            set(&filter)
            return try store.read { [filter] in try Ledger.list(filter, in: $0) }.map(\.number)
        }
        #expect(try numbers { $0.containing = "change 4" } == [4])
        #expect(try numbers { $0.limit = 2 } == [5, 4])
        #expect(try numbers { $0.person = "bob" } == [])
    }

    @Test(arguments: [
        (10_000, "import \"of\" many }],\"x\": {}", 4),
        (1, String(repeating: "long }],\"", count: 100), 300_000),
        (300, "few", 20), (9000, "with },{\" in its values", 20),
    ])
    func showsTheBeginningOfALongChange(_ count: Int, _ summary: String, _ length: Int) throws {
        let value = String(String(repeating: "},{\"äx", count: length / 5 + 1).prefix(length))
        let change = Change(
            summary: summary,
            edits: (0..<count).map { Edit("t", ["d", "key }],\" \($0)"], before: nil, after: value) },
            noUndo: count == 300 ? "it \"was\"" : nil)
        let draft = LedgerDraft(
            at: 9, actor: Actor(name: "ann", role: .editor, door: .terminal), argv: [], change: change,
            verdicts: [], outcome: .applied, because: nil)
        _ = try store.write { try Ledger.append(draft, in: $0) }
        var filter = Ledger.Filter()
        filter.limit = 2
        let whole = try store.read { [filter] in try Ledger.list(filter, in: $0) }
        #expect(whole[0].change == change)
        filter.isBrief = true
        let brief = try store.read { [filter] in try Ledger.list(filter, in: $0) }
        #expect(brief.map(\.hash) == whole.map(\.hash) && brief[1] == whole[1])
        #expect(brief[0].change.summary == summary && brief[0].change.noUndo == change.noUndo)
        let edits = brief[0].change.edits
        #expect(edits == Array(change.edits.prefix(edits.count)) && !edits.isEmpty)
        #expect((edits.count < count) == (count > 1000))
        filter.resource = "t"
        let touching = try store.read { [filter] in try Ledger.list(filter, in: $0) }
        #expect(touching[0] == brief[0])
        let number = whole[0].number
        #expect(try store.read { try Ledger.brief(number, in: $0) } == brief[0])
    }
}
