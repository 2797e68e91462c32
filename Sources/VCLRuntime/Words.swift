package import Diagnostics
import Kernel
import VCL

/// One of the different words of a program: a name, or a literal as it is written. It may stand in a thousand places; what
/// there is to find out about it is found out once.
final class Word {
    /// What a name stands for, whoever uses it; what is declared is looked up where it is used.
    enum Meaning {
        case constant(Code)
        case local
        case header(KnownHeader)
        case variable(Variable)
        case other
    }

    let bytes: Bytes
    private(set) lazy var text = bytes.string
    var meaning: Meaning?
    /// The built-in function of this name.
    private(set) lazy var function = Functions.byName[text]
    /// The type of this name.
    private(set) lazy var type = ValueType(rawValue: text)
    /// The sub that the program declares by this name.
    var sub: Subroutine?
    /// The local variable of this name in the sub that is being compiled or, when it declares none, in one that calls it.
    var local: Local?
    /// The code of a string literal.
    var literal: StringCode?
    /// The value of a string literal.
    private(set) lazy var value =
        Literals.plain(bytes)?.string ?? Literals.string(text, long: !text.hasPrefix("\""))
    /// The regular expression that a string literal is.
    var regex: Regex?

    fileprivate init(_ bytes: Bytes) { self.bytes = bytes }
}

/// A header that a program names, with the code that reads and writes it.
final class KnownHeader {
    let reference: HeaderReference
    let read: StringCode
    private let pool: LiteralPool
    private(set) lazy var write = reference.writer(pool)
    private(set) lazy var erase = reference.eraser(pool)
    private(set) lazy var isProtected = reference.isProtected
    private(set) lazy var isOfConnection = reference.isOfConnection

    init(_ reference: HeaderReference, _ pool: LiteralPool) {
        self.reference = reference
        self.pool = pool
        read = reference.reader(pool)
    }
}

/// The words of a program, found by their bytes. Hashes lie apart from the words, so that passing over others touches no
/// object.
final class Words {
    private struct Slot {
        /// The upper half of the word's hash; the lower chooses the place.
        var mark: UInt32 = 0
        /// Counted from one; zero for a free place.
        var number: UInt32 = 0
    }

    private var all: [Word] = []
    private var slots: [Slot] = []
    /// The sources, in the order of their numbers.
    private var files: [Bytes] = []
    private let pool = LiteralPool()
    private let hash = ByteHash.process

    /// Bytes of a program for each word that is different, about.
    private static let bytesForEach = 40
    private static let fewest = 256

    func add(_ file: SourceFile) {
        files.append(file.bytes.withUnsafeBytes { pool.store(Bytes($0)) })
        makeRoom(for: all.count + file.bytes.count / Words.bytesForEach)
    }

    /// What stands there, valid as long as this.
    func bytes(_ span: Span) -> Bytes {
        let file = files[Int(span.file)]
        let from = min(span.start, file.count)
        return file.slice(from, max(from, min(span.end, file.count)))
    }

    func word(_ span: Span) -> Word { find(bytes(span)) { $0 } }

    func word(_ text: String) -> Word { text.withBytes { find($0) { pool.store($0) } } }

    /// The word of these bytes; a new one keeps what `lasting` makes of them.
    private func find(_ bytes: Bytes, _ lasting: (Bytes) -> Bytes) -> Word {
        let wanted = hash(bytes)
        let mark = UInt32(truncatingIfNeeded: wanted >> 32)
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: wanted) & mask
        while slots[index].number != 0 {
            if slots[index].mark == mark {
                let found = all[Int(slots[index].number) - 1]
                if found.bytes == bytes { return found }
            }
            index = (index + 1) & mask
        }
        let new = Word(lasting(bytes))
        all.append(new)
        slots[index] = Slot(mark: mark, number: UInt32(all.count))
        makeRoom(for: all.count)
        return new
    }

    /// At most half of the places are taken.
    private func makeRoom(for count: Int) {
        guard count * 2 > slots.count || slots.isEmpty else { return }
        var size = max(slots.count, Words.fewest)
        while size < count * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        for (number, word) in all.enumerated() {
            let wanted = hash(word.bytes)
            var index = Int(truncatingIfNeeded: wanted) & (size - 1)
            while slots[index].number != 0 { index = (index + 1) & (size - 1) }
            slots[index] = Slot(mark: UInt32(truncatingIfNeeded: wanted >> 32), number: UInt32(number + 1))
        }
    }
}

extension Compiler {
    func word(_ span: Span) -> Word { words.word(span) }

    func word(_ text: String) -> Word { words.word(text) }

    /// What stands there, for what is read once and needs no word.
    func bytes(_ span: Span) -> Bytes { words.bytes(span) }

    /// The text of a name or a literal; each that is different is made once.
    package func text(_ span: Span) -> String { word(span).text }

    func text(_ name: Name) -> String { word(name.span).text }
}
