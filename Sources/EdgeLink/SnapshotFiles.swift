package import Foundation
import Kernel
package import VCLRuntime

// What an edge keeps on its disk to start without the control plane:
//
//     edge-1.snapshot.json       the document: programs, small dictionaries, and the names of the other files
//     edge-1.7-0.entries         a large dictionary, or one of secrets, which is sealed
//     edge-1.7.journal           the changes since the document, one record behind the other
//
// The whole is written into new files first, and the document, renamed into its place, makes them the ones that count; files that no
// document names are removed. A change of one entry appends a record, so that it costs the same however large its dictionary is. A
// process that is killed loses nothing that it wrote. A machine that loses its power may lose the last records, whose checksums then
// tell so; the control plane, which loses nothing, sends what is missing.

/// An edge's snapshot on disk. Used by one writer.
package final class SnapshotFiles {
    /// What lay on disk, complete to the last change.
    package struct Loaded {
        /// Without its entries, which are in `tables`.
        package var document: EdgeSnapshot
        /// By their full names.
        package var tables: [String: Table]
        /// What could not be had, in sentences.
        package var remarks: [String]
    }

    private struct Document: Codable {
        /// With the entries that lie in no file of their own.
        var snapshot: EdgeSnapshot
        /// Names of files by dictionaries.
        var entries: [String: String]
        var sealed: [String: String]
        var journal: String
    }

    private let folder: URL
    private let name: String
    private var journal: UpdateJournal?
    /// The file of each large dictionary as the document has it, and the content that it holds.
    private var written: [String: (file: String, table: Table)] = [:]
    /// Counts the times that the whole was written, so that no name comes twice.
    private var generation = 0

    /// `name` is the edge's, a word.
    package init(folder: URL, name: String) {
        self.folder = folder
        self.name = name
    }

    private var documentPath: URL { folder.appendingPathComponent("\(name).snapshot.json") }

    // MARK: reading

    /// Nil when nothing is there, or nothing that is whole.
    package func load(_ box: EntryBox?) -> Loaded? {
        guard let data = FileManager.default.contents(atPath: documentPath.path) else { return nil }
        guard let document = try? JSONDecoder().decode(Document.self, from: data) else {
            // An earlier version kept everything in one.
            return (try? JSONDecoder().decode(EdgeSnapshot.self, from: data)).map { loaded($0, [:]) }
        }
        var tables: [String: Table] = [:]
        for (dictionary, file) in document.entries {
            guard let block = EntryBlock(file: folder.appendingPathComponent(file)) else { return nil }
            let table = Table(name: dictionary, block)
            tables[dictionary] = table
            written[dictionary] = (file, table)
        }
        var locked: [String] = []
        for (dictionary, file) in document.sealed {
            guard let sealed = FileManager.default.contents(atPath: folder.appendingPathComponent(file).path)
            else { return nil }
            let block = box.flatMap { $0.open(sealed) }.flatMap {
                $0.withUnsafeBytes { EntryBlock(copying: $0) }
            }
            if block == nil { locked.append(dictionary) }
            tables[dictionary] = Table(name: dictionary, block ?? .empty)
        }
        var found = loaded(document.snapshot, tables)
        for dictionary in locked.sorted() {
            found.remarks.append(
                "the secrets of '\(dictionary)' cannot be opened with this edge's token; it is empty until the control plane sends them"
            )
        }
        generation = Int(document.snapshot.number)
        journal = UpdateJournal(folder.appendingPathComponent(document.journal))
        journal?.replay(box) { found.apply($0) }
        return found
    }

    private func loaded(_ snapshot: EdgeSnapshot, _ tables: [String: Table]) -> Loaded {
        var document = snapshot
        document.entries = [:]
        let small = snapshot.entries.map { ($0, Table(name: $0, $1)) }
        return Loaded(
            document: document, tables: tables.merging(small) { one, _ in one }, remarks: [])
    }

    // MARK: writing

    /// Everything. Secrets are left out where there is no `box` to seal them.
    package func write(_ document: EdgeSnapshot, _ tables: [String: Table], _ box: EntryBox?) throws {
        generation = max(generation + 1, Int(document.number))
        var snapshot = document
        snapshot.entries = [:]
        var next = Document(
            snapshot: snapshot, entries: [:], sealed: [:], journal: "\(name).\(generation).journal")
        var kept: [String: (file: String, table: Table)] = [:]
        let secrets = Set(document.secrets)
        for (index, (dictionary, table)) in tables.sorted(by: { $0.key < $1.key }).enumerated() {
            let file = "\(name).\(generation)-\(index).entries"
            if secrets.contains(dictionary) {
                guard let box else { continue }
                try put(try box.seal(table.block.bytes), at: file)
                next.sealed[dictionary] = file
            } else if let old = written[dictionary], old.table === table {
                next.entries[dictionary] = old.file
                kept[dictionary] = old
            } else if table.byteCount > EdgeLinkLimits.inlineEntryBytes {
                let block = table.block
                try put(
                    Data(
                        bytesNoCopy: UnsafeMutableRawPointer(mutating: block.bytes.baseAddress!),
                        count: block.byteCount, deallocator: .none), at: file)
                withExtendedLifetime(block) {}
                next.entries[dictionary] = file
                kept[dictionary] = (file, table)
            } else {
                next.snapshot.entries[dictionary] = table.block
            }
        }
        journal = try UpdateJournal(new: folder.appendingPathComponent(next.journal))
        try put(try JSONEncoder().encode(next), at: documentPath.lastPathComponent)
        written = kept
        remove(besides: Set(next.entries.values).union(next.sealed.values).union([next.journal]))
    }

    /// One change more. Returns whether the whole should be written soon, because the journal has grown.
    package func append(_ update: EdgeUpdate, sealedBy box: EntryBox?) throws -> Bool {
        guard let journal else { return true }
        try journal.append(update, box)
        return journal.byteCount > EdgeLinkLimits.journalBytes
    }

    /// Renamed into its place when its bytes are on the disk.
    private func put(_ data: Data, at file: String) throws {
        let new = folder.appendingPathComponent(file + ".new")
        guard
            FileManager.default.createFile(
                atPath: new.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw Failure(.unavailable, "cannot write \(new.path)") }
        let handle = try FileHandle(forWritingTo: new)
        defer { try? handle.close() }
        try handle.write(contentsOf: data)
        try handle.synchronize()
        guard rename(new.path, folder.appendingPathComponent(file).path) == 0 else {
            throw Failure(.unavailable, "cannot write \(folder.appendingPathComponent(file).path)")
        }
    }

    private func remove(besides wanted: Set<String>) {
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        where file.hasPrefix(name + ".") && (file.hasSuffix(".entries") || file.hasSuffix(".journal"))
            && !wanted.contains(file)
        {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
        }
    }
}

extension SnapshotFiles.Loaded {
    /// What the journal has: changes of dictionaries and of what is fetched.
    fileprivate mutating func apply(_ update: EdgeUpdate) {
        switch update {
        case .dictionary(let delta):
            let old = tables[delta.dictionary] ?? Table(name: delta.dictionary, .empty)
            tables[delta.dictionary] = old.applying(delta)
            document.number = delta.number
        case .shed(let order):
            document.shedding = order.rule
            document.number = order.number
        default: break
        }
    }
}

extension Table {
    package func applying(_ delta: DictionaryDelta) -> Table {
        setting(delta.set.map { (key: $0.key, value: $0.value) }, removing: delta.unset)
    }
}

extension EntryBlock {
    /// Nil when it cannot be read, or is no such file.
    fileprivate convenience init?(file: URL) {
        guard let handle = try? FileHandle(forReadingFrom: file), let size = try? handle.seekToEnd(),
            size <= EdgeLinkLimits.entryBytes, (try? handle.seek(toOffset: 0)) != nil
        else { return nil }
        defer { try? handle.close() }
        let room = EntryBlockRoom(byteCount: Int(size))
        while let piece = try? handle.read(upToCount: 1 << 20), !piece.isEmpty {
            guard piece.withUnsafeBytes({ room.append($0) }) else { return nil }
        }
        self.init(room)
    }
}
