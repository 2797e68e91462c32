/// The words with a meaning of their own. The lexer recognizes them, so that nothing behind it compares
/// texts.
package enum Keyword: String, Sendable, Hashable, CaseIterable {
    case none = ""
    case acl, backend, director, table, sub, penaltybox, ratecounter, include, `import`, describe
    case declare, local, block, set, unset, remove, add, call, error, restart, `return`, esi, synthetic, log
    case syntheticBase64 = "synthetic.base64"
    case goto, `if`, `else`, elsif, elseif, elif, `switch`, `case`, `default`, `break`, `fallthrough`
    case and, or, not
    /// At the beginning of a line it is no word of the program but a line of Fastly's generated VCL.
    case pragma

    /// Words that open a declaration with a name and a body.
    package var opensDeclaration: Bool {
        switch self {
        case .acl, .backend, .director, .table, .sub, .penaltybox, .ratecounter, .describe: true
        default: false
        }
    }

    /// Words that nothing but a statement begins with.
    package var opensStatement: Bool {
        switch self {
        case .declare, .set, .unset, .remove, .add, .call, .error, .restart, .return, .esi, .synthetic,
            .syntheticBase64, .log, .goto, .if, .switch:
            true
        default: false
        }
    }

    package var continuesIf: Bool { self == .else || isElseIf }

    package var isElseIf: Bool { self == .elsif || self == .elseif || self == .elif }
}

/// Finds the keyword that some bytes are, without making a String of them. Slots are searched one after
/// another from where a hash of the bytes points.
struct KeywordTable {
    /// Up to sixteen bytes and their number, which is all that a keyword has.
    private struct Key: Equatable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var length = 0

        @inline(__always)
        init(_ text: UnsafePointer<UInt8>, _ length: Int) {
            self.length = length
            for index in 0..<min(length, 8) { first = first << 8 | UInt64(text[index]) }
            if length > 8 { for index in 8..<length { second = second << 8 | UInt64(text[index]) } }
        }

        @inline(__always)
        var place: Int { Int(((first ^ second &* 0x9E37_79B9) &* 0xFF51_AFD7_ED55_8CCD) >> 56) }
    }

    static let shared = KeywordTable()
    private static let size = 256
    private static let longest = 16
    private let slots: [(key: Key, word: Keyword)?]

    private init() {
        var slots = [(key: Key, word: Keyword)?](repeating: nil, count: KeywordTable.size)
        for word in Keyword.allCases where word != .none {
            let key = Array(word.rawValue.utf8).withUnsafeBufferPointer { Key($0.baseAddress!, $0.count) }
            var place = key.place
            while slots[place] != nil { place = (place + 1) % KeywordTable.size }
            slots[place] = (key, word)
        }
        self.slots = slots
    }

    @inline(__always)
    func word(_ text: UnsafePointer<UInt8>, _ length: Int) -> Keyword {
        guard length >= 2, length <= KeywordTable.longest else { return .none }
        let key = Key(text, length)
        var place = key.place
        while let slot = slots[place] {
            if slot.key == key { return slot.word }
            place = (place + 1) % KeywordTable.size
        }
        return .none
    }
}
