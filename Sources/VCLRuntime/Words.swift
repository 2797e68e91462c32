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
    /// The value of a string literal.
    private(set) lazy var value = Literals.string(text, long: !text.hasPrefix("\""))
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

/// The words of a program, found by their bytes, so that a String is made once for each. Hashes lie apart from the words, so
/// that passing over others touches no object.
struct Words {
    private var all: [Word] = []
    /// Zero for a free place.
    private var hashes = [UInt64](repeating: 0, count: 1024)
    private var places = [Int32](repeating: 0, count: 1024)
    /// The sources, in the order of their numbers.
    private var files: [Bytes] = []
    private let pool = LiteralPool()
    private let hash = ByteHash.process

    /// Bytes of a program for each word that is different, about.
    private static let bytesForEach = 40

    mutating func add(_ file: SourceFile) {
        while (all.count + file.bytes.count / Words.bytesForEach) * 2 > hashes.count { grow() }
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
        let wanted = max(1, hash(bytes))
        var index = Int(truncatingIfNeeded: wanted) & (hashes.count - 1)
        while hashes[index] != 0 {
            if hashes[index] == wanted {
                let found = all[Int(places[index])]
                if found.bytes == bytes { return found }
            }
            index = (index + 1) & (hashes.count - 1)
        }
        let new = Word(lasting(bytes))
        hashes[index] = wanted
        places[index] = Int32(all.count)
        all.append(new)
        if all.count * 2 > hashes.count { grow() }
        return new
    }

    private mutating func grow() {
        let (oldHashes, oldPlaces) = (hashes, places)
        hashes = Array(repeating: 0, count: oldHashes.count * 2)
        places = Array(repeating: 0, count: hashes.count)
        for (hash, place) in zip(oldHashes, oldPlaces) where hash != 0 {
            var index = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
            while hashes[index] != 0 { index = (index + 1) & (hashes.count - 1) }
            hashes[index] = hash
            places[index] = place
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
