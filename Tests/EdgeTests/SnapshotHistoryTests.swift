import Diagnostics
import Testing
import VCLRuntime

@testable import Edge

@Suite struct SnapshotHistoryTests {
    private func snapshot(_ number: Int64) throws -> Snapshot {
        let program = try #require(Compiler().compile(SourceFile(name: "empty.vcl", text: "")))
        return Snapshot(number: number, program: program)
    }

    @Test func keepsTheLatest() throws {
        var history = SnapshotHistory(try snapshot(1))
        for number in 2...40 { history.install(try snapshot(Int64(number))) }
        #expect(history.latest.number == 40)
        let oldest = Int64(41 - EdgeLimits.keptSnapshots)
        #expect(history.inEffect(at: oldest) != nil && history.inEffect(at: oldest - 1) == nil)
    }

    @Test func takesTheNewerOfTwoWithOneNumber() throws {
        var history = SnapshotHistory(try snapshot(7))
        history.install(try snapshot(8))
        let again = try snapshot(7)
        history.install(again)
        #expect(history.inEffect(at: 7) === again && history.latest === again)
    }

    @Test func knowsWhatWasInEffectAtAnUpdateThatWasNoSnapshot() throws {
        var history = SnapshotHistory(try snapshot(3))
        history.note(4)
        history.install(try snapshot(6))
        #expect(history.inEffect(at: 4)?.number == 3 && history.inEffect(at: 6)?.number == 6)
        // At 5 this edge was away.
        #expect(history.inEffect(at: 5) == nil && history.inEffect(at: 2) == nil)
    }
}
