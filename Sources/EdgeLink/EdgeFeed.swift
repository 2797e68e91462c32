package import Foundation
import Kernel
import VCLRuntime

/// A piece of a large dictionary.
package struct EntriesPart: Sendable, Codable {
    /// The dictionary's full name.
    package let dictionary: String
    /// Bytes of all its pieces, in the form of `EntryBlock`.
    package let total: Int
    package let data: Data

    package init(dictionary: String, total: Int, data: Data) {
        self.dictionary = dictionary
        self.total = total
        self.data = data
    }
}

/// What is sent of one update, piece by piece, as it is asked for: a snapshot comes behind its large dictionaries.
package struct EdgeUpdatePieces: Sequence, IteratorProtocol {
    private var last: EdgeUpdate?
    private var large: ArraySlice<(name: String, block: EntryBlock)> = []
    private var offset = 0

    package init(_ update: EdgeUpdate) {
        guard case .snapshot(var snapshot) = update else {
            last = update
            return
        }
        let found = snapshot.entries.filter { $0.value.byteCount > EdgeLinkLimits.inlineEntryBytes }
        for name in found.keys { snapshot.entries[name] = nil }
        large = found.map { (name: $0.key, block: $0.value) }[...]
        last = .snapshot(snapshot)
    }

    package mutating func next() -> EdgeUpdate? {
        guard let (name, block) = large.first else { return last.take() }
        let end = Swift.min(offset + EdgeLinkLimits.partBytes, block.byteCount)
        let part = EntriesPart(
            dictionary: name, total: block.byteCount, data: Data(block.bytes[offset..<end]))
        offset = end
        if offset == block.byteCount {
            large.removeFirst()
            offset = 0
        }
        return .entries(part)
    }
}

/// Reads the lines of a feed and puts together what comes in pieces.
package struct EdgeFeedReader: Sendable {
    private var rooms: [String: EntryBlockRoom] = [:]

    package init() {}

    /// The update that is whole with this line; nil for a piece. Throws for what is no update, `Failure(.limit)` for a dictionary
    /// that is larger than any may be.
    package mutating func update(_ line: Data) throws -> EdgeUpdate? {
        let update = try JSONDecoder().decode(EdgeUpdate.self, from: line)
        switch update {
        case .entries(let part):
            try take(part)
            return nil
        case .snapshot(var snapshot):
            for (name, room) in rooms {
                guard let block = EntryBlock(room) else {
                    throw Failure(.invalid, "the dictionary '\(name)' did not come whole")
                }
                snapshot.entries[name] = block
            }
            rooms = [:]
            return .snapshot(snapshot)
        default: return update
        }
    }

    private mutating func take(_ part: EntriesPart) throws {
        guard (0...EdgeLinkLimits.entryBytes).contains(part.total) else {
            throw Failure(.limit, "the dictionary '\(part.dictionary)' is larger than any may be")
        }
        let room = rooms[part.dictionary] ?? EntryBlockRoom(byteCount: part.total)
        rooms[part.dictionary] = room
        guard part.data.withUnsafeBytes({ room.append($0) }) else {
            throw Failure(.invalid, "the dictionary '\(part.dictionary)' has more than it said")
        }
    }
}
