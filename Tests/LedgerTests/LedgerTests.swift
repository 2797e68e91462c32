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
}
