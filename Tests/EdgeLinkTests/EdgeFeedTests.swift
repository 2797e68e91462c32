import EdgeLink
import Foundation
import Kernel
import Testing
import VCLRuntime

@Suite struct EdgeFeedTests {
    private func snapshot() -> EdgeSnapshot {
        EdgeSnapshot(
            number: 3, main: nil, files: [:], prelude: "",
            dictionaries: [
                "small": ["a": "b"],
                "large": Dictionary(
                    uniqueKeysWithValues: (0..<20_000).map { ("key \($0)", "a value of some length \($0)") }),
            ])
    }

    @Test func putsLargeDictionariesBeforeTheirSnapshot() throws {
        let sent = snapshot()
        var reader = EdgeFeedReader()
        var got: [EdgeUpdate] = []
        var lines = 0
        for piece in EdgeUpdatePieces(.snapshot(sent)) {
            let line = try JSONEncoder().encode(piece)
            #expect(line.count < 2 * EdgeLinkLimits.partBytes)
            lines += 1
            if let update = try reader.update(line) { got.append(update) }
        }
        #expect(lines > 3)
        guard case .snapshot(let found)? = got.first, got.count == 1 else {
            Issue.record("no snapshot came")
            return
        }
        #expect(found == sent)
    }

    @Test func sendsWhatIsSmallAtOnce() throws {
        for update in [EdgeUpdate.tick, .dictionary(.init(number: 1, dictionary: "d", set: [:], unset: []))] {
            #expect(Array(EdgeUpdatePieces(update)).count == 1)
        }
    }

    @Test func refusesWhatDoesNotComeWhole() throws {
        var pieces = Array(EdgeUpdatePieces(.snapshot(snapshot())))
        pieces.remove(at: 1)
        var reader = EdgeFeedReader()
        #expect(throws: Failure.self) {
            for piece in pieces { _ = try reader.update(try JSONEncoder().encode(piece)) }
        }
        let huge = EdgeUpdate.entries(
            .init(dictionary: "d", total: EdgeLinkLimits.entryBytes + 1, data: Data()))
        #expect(throws: Failure.self) { _ = try reader.update(try JSONEncoder().encode(huge)) }
    }
}
