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

/// The words of a program, found by their bytes. Every word that is read is looked for here, about twice a line, so that the
/// table is plain memory; hashes lie beside the words, so that passing over others touches none.
final class Words {
    private struct Slot {
        var hash: UInt64 = 0
        /// Nil for a free place.
        var word: Word?
    }

    /// As many as `size`, a power of two; at most half of them are taken.
    private var slots: UnsafeMutablePointer<Slot>
    private var size = 256
    private var count = 0
    /// The sources, in the order of their numbers.
    private var files: [Bytes] = []
    /// The source that was read last, and its number.
    private var text = Bytes.empty
    private var file = -1
    private let pool = LiteralPool()
    private let hash = ByteHash.process

    /// Bytes of a program for each word that is different, about.
    private static let bytesForEach = 40

    init() { slots = Words.free(size) }

    deinit { Words.release(slots, size) }

    func add(_ file: SourceFile) {
        files.append(file.bytes.withUnsafeBytes { pool.store(Bytes($0)) })
        makeRoom(for: count + file.bytes.count / Words.bytesForEach)
    }

    /// What stands there, valid as long as this.
    func bytes(_ span: Span) -> Bytes {
        if Int(span.file) != file {
            text = files[Int(span.file)]
            file = Int(span.file)
        }
        let from = min(span.start, text.count)
        return text.slice(from, max(from, min(span.end, text.count)))
    }

    func word(_ span: Span) -> Word { find(bytes(span)) { $0 } }

    func word(_ text: String) -> Word { text.withBytes { find($0) { pool.store($0) } } }

    /// The word of these bytes; a new one keeps what `lasting` makes of them.
    private func find(_ bytes: Bytes, _ lasting: (Bytes) -> Bytes) -> Word {
        let wanted = hash(bytes)
        var index = Int(truncatingIfNeeded: wanted) & (size - 1)
        while let found = slots[index].word {
            if slots[index].hash == wanted, found.bytes == bytes { return found }
            index = (index + 1) & (size - 1)
        }
        let new = Word(lasting(bytes))
        slots[index] = Slot(hash: wanted, word: new)
        count += 1
        makeRoom(for: count)
        return new
    }

    private func makeRoom(for count: Int) {
        guard count * 2 > size else { return }
        let (old, oldSize) = (slots, size)
        while count * 2 > size { size *= 2 }
        slots = Words.free(size)
        for place in 0..<oldSize where old[place].word != nil {
            var index = Int(truncatingIfNeeded: old[place].hash) & (size - 1)
            while slots[index].word != nil { index = (index + 1) & (size - 1) }
            slots[index] = old[place]
        }
        Words.release(old, oldSize)
    }

    private static func free(_ size: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: size)
        slots.initialize(repeating: Slot(), count: size)
        return slots
    }

    private static func release(_ slots: UnsafeMutablePointer<Slot>, _ size: Int) {
        slots.deinitialize(count: size)
        slots.deallocate()
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
