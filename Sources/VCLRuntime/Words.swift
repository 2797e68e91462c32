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
        indirect case variable(Variable)
        case other
    }

    let text: String
    fileprivate let bytes: Bytes
    var meaning: Meaning?
    /// The built-in function of this name.
    private(set) lazy var function = Functions.byName[text]
    /// The code of a string literal.
    var literal: StringCode?
    /// The regular expression that a string literal is.
    var regex: Regex?

    fileprivate init(_ bytes: Bytes) {
        self.bytes = bytes
        text = bytes.string
    }
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

/// The words of a program, found by their bytes, so that a String is made once for each.
struct Words {
    private var slots: [(hash: UInt64, word: Word?)] = Array(repeating: (0, nil), count: 1024)
    private var count = 0
    /// The sources, in the order of their numbers.
    private var files: [Bytes] = []
    private let pool = LiteralPool()

    mutating func add(_ file: SourceFile) {
        files.append(file.bytes.withUnsafeBytes { pool.store(Bytes($0)) })
    }

    mutating func word(_ span: Span) -> Word {
        let file = files[Int(span.file)]
        let from = min(span.start, file.count)
        return find(file.slice(from, max(from, min(span.end, file.count)))) { $0 }
    }

    mutating func word(_ text: String) -> Word {
        let pool = pool
        return text.withBytes { find($0) { pool.store($0) } }
    }

    /// The word of these bytes; a new one keeps what `lasting` makes of them.
    private mutating func find(_ bytes: Bytes, _ lasting: (Bytes) -> Bytes) -> Word {
        let hash = ByteHash.process(bytes)
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while let found = slots[index].word {
            if slots[index].hash == hash, found.bytes == bytes { return found }
            index = (index + 1) & (slots.count - 1)
        }
        let new = Word(lasting(bytes))
        slots[index] = (hash, new)
        count += 1
        if count * 2 > slots.count { grow() }
        return new
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: (0, nil), count: old.count * 2)
        for slot in old where slot.word != nil {
            var index = Int(truncatingIfNeeded: slot.hash) & (slots.count - 1)
            while slots[index].word != nil { index = (index + 1) & (slots.count - 1) }
            slots[index] = slot
        }
    }
}

extension Compiler {
    func word(_ span: Span) -> Word { words.word(span) }

    func word(_ text: String) -> Word { words.word(text) }

    /// The text of a name or a literal; each that is different is made once.
    package func text(_ span: Span) -> String { word(span).text }

    func text(_ name: Name) -> String { word(name.span).text }
}
