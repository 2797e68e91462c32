import Diagnostics
import VCLLint
import VCLRuntime

/// The files that the client has open, those of the disk, and the programs that they make up.
struct Workspace {
    struct Document {
        let uri: String
        var version: Int
        var index: FileIndex
        /// The text is larger than what is read; `index` holds none.
        var isTooLarge = false
    }

    private struct Kept {
        var index: FileIndex?
        var round: Int
    }

    private let read: (String) -> [UInt8]?
    private let list: (String) -> [String]
    private let model: ServiceModel
    private let options: LintOptions
    private(set) var open: [String: Document] = [:]
    private var kept: [String: Kept] = [:]
    /// Files of the disk are read again when a round begins: something was saved, or the client saw a change.
    private var round = 0
    private var revisions = 0
    private var listed: [String]?
    private var programs: [String: ProgramView] = [:]
    var folders: [String] = [] { didSet { listed = nil } }

    init(
        read: @escaping (String) -> [UInt8]?, list: @escaping (String) -> [String], model: ServiceModel,
        options: LintOptions
    ) {
        self.read = read
        self.list = list
        self.model = model
        self.options = options
    }

    // MARK: what changes

    mutating func put(_ uri: String, version: Int, bytes: [UInt8]) {
        let path = DocumentURI.path(uri)
        guard open[path] != nil || open.count < LanguageServerLimits.mostOpenFiles else { return }
        let fits = bytes.count <= LanguageServerLimits.largestFile
        open[path] = Document(
            uri: uri, version: version, index: made(path, fits ? bytes : []), isTooLarge: !fits)
    }

    mutating func close(_ path: String) {
        open[path] = nil
        programs[path] = nil
    }

    /// Files of the disk may differ from what was read.
    mutating func refresh() {
        round += 1
        listed = nil
        if kept.count > LanguageServerLimits.mostKeptFiles { kept = [:] }
    }

    private mutating func made(_ path: String, _ bytes: [UInt8]) -> FileIndex {
        revisions += 1
        return FileIndex(SourceFile(name: path, bytes: bytes), revision: revisions)
    }

    // MARK: files

    /// What a file holds: in the client where it is open there, else on the disk.
    mutating func index(_ path: String) -> FileIndex? {
        if let document = open[path] { return document.index }
        if let found = kept[path], found.round == round { return found.index }
        let bytes = read(path).flatMap { $0.count <= LanguageServerLimits.largestFile ? $0 : nil }
        let old = kept[path]?.index
        let new = bytes.map { old?.file.bytes == $0 ? old! : made(path, $0) }
        kept[path] = Kept(index: new, round: round)
        return new
    }

    /// The file that an include of `path` names, or nil.
    mutating func resolve(_ text: String, from path: String) -> String? {
        guard !text.isEmpty, !text.hasPrefix("snippet::") else { return nil }
        let around = FilePath.enclosing(FilePath.folder(of: path), upTo: folders, most: 3)
        for folder in around + folders {
            for name in [text, text + ".vcl"] {
                let found = FilePath.joined(folder, name)
                if index(found) != nil { return found }
            }
        }
        return nil
    }

    /// All VCL files that are known: those that are open and those of the folders.
    private mutating func known() -> [String] {
        if listed == nil {
            let all = folders.flatMap { list($0) }.filter { $0.hasSuffix(".vcl") }
            listed = Array(all.sorted().prefix(LanguageServerLimits.mostProjectFiles))
        }
        return Set(listed! + open.keys).sorted()
    }

    // MARK: programs

    /// The programs that a file is part of, by their main files: those that include it and that nothing
    /// includes.
    mutating func programs(of path: String) -> [ProgramView] {
        mains(of: path).map { program($0) }
    }

    mutating func mains(of path: String) -> [String] {
        var includers: [String: [String]] = [:]
        for other in known() {
            for included in index(other)?.includes ?? [] {
                guard let target = resolve(included.text, from: other), target != other else { continue }
                includers[target, default: []].append(other)
            }
        }
        var (queue, seen, mains): ([String], Set<String>, [String]) = ([path], [], [])
        while let next = queue.popLast() {
            guard seen.insert(next).inserted else { continue }
            let above = includers[next] ?? []
            if above.isEmpty { mains.append(next) }
            queue += above
        }
        // Files that include each other have no beginning.
        return mains.isEmpty ? [path] : mains.sorted()
    }

    mutating func program(_ main: String) -> ProgramView {
        var parts: [ProgramView.Part] = []
        var resolved: [String: String] = [:]
        var queue: [(path: String, owner: String?)] = [(main, nil)]
        if main.hasSuffix(".test.vcl") { queue.append((String(main.dropLast(9)) + ".vcl", nil)) }
        var seen: Set<String> = []
        var next = 0
        while next < queue.count, parts.count < LanguageServerLimits.mostProgramFiles {
            let (path, owner) = queue[next]
            next += 1
            guard seen.insert(path).inserted, let index = index(path) else { continue }
            parts.append(ProgramView.Part(path: path, index: index, owner: owner))
            for included in index.includes {
                guard let target = resolve(included.text, from: path) else { continue }
                resolved[included.text] = resolved[included.text] ?? target
                queue.append((target, included.owner.map { $0.isEmpty ? owner ?? "" : $0 }))
            }
        }
        if let old = programs[main], old.isMade(of: parts, resolved) { return old }
        let made = ProgramView(main: main, parts: parts, resolved: resolved, model: model, options: options)
        programs[main] = made
        return made
    }
}
