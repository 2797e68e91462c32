import Kernel
import Testing
import VCL

@testable import VCLRuntime

/// Tables that are larger than what is made anew with each change.
@Suite struct LargeTableTests {
    private func expect(_ table: Table, _ wanted: [String: String], _ keys: some Sequence<String>) {
        #expect(table.count == wanted.count)
        for key in keys {
            let found = key.withBytes { table.lookup($0) }
            #expect((found.isSet ? found.string : nil) == wanted[key], "\(key)")
            #expect(key.withBytes { table.contains($0) } == (wanted[key] != nil))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func isAfterManyChangesWhatADictionaryIs(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var wanted = Dictionary(uniqueKeysWithValues: (0..<6000).map { ("/key/\($0)", "value \($0)") })
        var table = Table(name: "t", entries: wanted.map { (key: $0.key, value: $0.value) })
        let untouched = table
        let before = wanted
        // Small ones fill the layer above, large ones the layer below and the base.
        for round in 0..<400 {
            let size = round % 100 == 99 ? 3000 : round % 10 == 9 ? 300 : 3
            var (set, unset): ([String: String], [String]) = ([:], [])
            for _ in 0..<size {
                let key = "/key/\(Int.random(in: 0..<9000, using: &random))"
                if Int.random(in: 0..<3, using: &random) > 0 {
                    set[key] = "round \(round)"
                } else {
                    unset.append(key)
                }
            }
            unset.removeAll { set[$0] != nil }
            for key in unset { wanted[key] = nil }
            wanted.merge(set) { $1 }
            table = table.setting(set.map { (key: $0.key, value: $0.value) }, removing: unset)
            if round % 50 == 0 { expect(table, wanted, (0..<9000).map { "/key/\($0)" }) }
        }
        expect(table, wanted, (0..<9000).map { "/key/\($0)" })
        #expect(Dictionary(uniqueKeysWithValues: table.entries.map { ($0.key, $0.value) }) == wanted)
        let again = Table(name: "t", table.block)
        expect(again, wanted, (0..<9000).map { "/key/\($0)" })
        #expect(table.holds(again.block) && again.holds(table.block))
        #expect(!untouched.holds(table.block))
        // What a request began with stays as it was.
        expect(untouched, before, (0..<9000).map { "/key/\($0)" })
    }

    @Test func holdsOnlyTheSameEntries() {
        let one = Table(name: "t", entries: [(key: "a", value: "1"), (key: "b", value: "")])
        #expect(one.holds(EntryBlock(entries: [(key: "b", value: ""), (key: "a", value: "1")])))
        #expect(!one.holds(EntryBlock(entries: [(key: "a", value: "1")])))
        #expect(!one.holds(EntryBlock(entries: [(key: "a", value: "1"), (key: "c", value: "")])))
        #expect(!one.holds(EntryBlock(entries: [(key: "a", value: "2"), (key: "b", value: "")])))
    }

    @Test func changesATableThatTheProgramHasOfAnotherType() {
        let table = Table(name: "t", keys: ["a", "b"], values: .numbers([7, 8], .integer))
        #expect(table.number(Bytes("a")) == 7 && table.number(Bytes("b")) == 8)
        #expect(table.number(Bytes("c")) == nil && table.type == .integer)
        #expect(table.entries.map(\.value) == ["", ""])
    }

    @Test func readsNoBytesThatAreNoEntries() {
        let good = EntryBlock(entries: [(key: "key", value: "value"), (key: "", value: "")])
        #expect(good.count == 2 && good.bytes.count == 24)
        let bytes = Array(good.bytes)
        #expect(bytes.withUnsafeBytes { EntryBlock(copying: $0) } == good)
        for cut in [1, 7, 12, 15, 17, 23] {
            #expect(bytes.prefix(cut).withUnsafeBytes { EntryBlock(copying: $0) } == nil)
        }
        for place in [0, 3, 4, 7] {
            var broken = bytes
            broken[place] = 0xFF
            #expect(broken.withUnsafeBytes { EntryBlock(copying: $0) } == nil, "\(place)")
        }
        #expect(EntryBlock(copying: UnsafeRawBufferPointer(start: nil, count: 0))?.count == 0)
    }

    @Test func takesWhatComesInPieces() {
        let whole = EntryBlock(entries: (0..<100).map { (key: "key \($0)", value: "value") })
        let room = EntryBlockRoom(byteCount: whole.byteCount)
        for start in stride(from: 0, to: whole.byteCount, by: 77) {
            let end = min(start + 77, whole.byteCount)
            #expect(EntryBlock(room) == nil)
            #expect(room.append(UnsafeRawBufferPointer(rebasing: whole.bytes[start..<end])))
        }
        #expect(!room.append(UnsafeRawBufferPointer(rebasing: whole.bytes[0..<1])))
        #expect(EntryBlock(room) == whole)
        #expect(EntryBlock(room) == nil)
    }
}
