import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import Ledger

@Suite struct LedgerTimesTests {
    @Test func saysWhenThingsWereTouchedFirstAndLast() throws {
        let store = try Store(
            path: NSTemporaryDirectory() + "hq-times-\(UUID().uuidString).sqlite",
            migrations: Ledger.migrations)
        @Sendable func edit(_ key: String) -> Edit {
            Edit("dict.entry", ["d", key], before: nil, after: "x")
        }
        try store.write { transaction in
            for (at, key) in [(10, "a"), (20, "ab"), (30, "a"), (40, "b")] as [(Int64, String)] {
                _ = try Ledger.append(
                    LedgerDraft(
                        at: at, actor: .hq, argv: [], change: Change(summary: "", edits: [edit(key)]),
                        verdicts: [], outcome: .applied, because: nil), in: transaction)
            }
        }
        let one = try store.read { [a = edit("a").resource] in try Ledger.times(from: a, through: a, in: $0) }
        #expect(one.count == 1 && one[edit("a").resource]?.first == 10 && one[edit("a").resource]?.last == 30)
        let some = try store.read { [a = edit("a").resource, b = edit("ab").resource] in
            try Ledger.times(from: a, through: b, in: $0)
        }
        #expect(some[edit("ab").resource]?.first == 20 && some.count == 2)
        let prefix = edit("").resource
        #expect(try store.read { try Ledger.lastTime(touching: prefix, in: $0) } == 40)
        #expect(try store.read { try Ledger.lastTime(touching: prefix + "zz", in: $0) } == nil)
    }
}
