/// A pattern's structure, as far as the time that it takes depends on it. Read leniently: what PCRE2 refuses was reported by
/// the compiler.
indirect enum RegexTree {
    case empty
    case bytes(ByteSet)
    case sequence([RegexTree])
    case choice([RegexTree])
    /// `most` is nil for no bound.
    case loop(RegexTree, least: Int, most: Int?)
    /// `^`, `$`, `\b`, a look-around, a back-reference: something that can fail without being a byte of a class.
    case assertion
    /// What gives nothing back once it matched: an atomic group, a possessive loop.
    case atomic(RegexTree)

    static func parse(_ pattern: String) -> RegexTree {
        var parser = RegexParser(pattern)
        return parser.alternatives()
    }

    /// How many capturing groups a pattern has.
    static func groups(in pattern: String) -> Int {
        var parser = RegexParser(pattern)
        _ = parser.alternatives()
        return parser.groups
    }

    /// Whether it can match without consuming or asserting anything.
    var canBeNothing: Bool {
        switch self {
        case .empty: true
        case .bytes, .assertion: false
        case .sequence(let parts): parts.allSatisfy(\.canBeNothing)
        case .choice(let parts): parts.contains(where: \.canBeNothing)
        case .loop(let body, let least, _): least == 0 || body.canBeNothing
        case .atomic(let body): body.canBeNothing
        }
    }
}

private struct RegexParser {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0
    private var foldsCase = false
    private(set) var groups = 0

    /// Groups inside groups; deeper ones are taken for nothing.
    private static let deepest = 100

    init(_ pattern: String) { bytes = Array(pattern.utf8) }

    private func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[min(at, bytes.count)...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    mutating func alternatives() -> RegexTree {
        depth += 1
        defer { depth -= 1 }
        guard depth < RegexParser.deepest else {
            at = bytes.count
            return .empty
        }
        var choices: [RegexTree] = []
        var parts: [RegexTree] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: ")") {
            if take("|") {
                choices.append(.sequence(parts))
                parts = []
            } else {
                let atom = atom()
                parts.append(quantified(atom))
            }
        }
        if choices.isEmpty { return parts.count == 1 ? parts[0] : .sequence(parts) }
        return .choice(choices + [.sequence(parts)])
    }

    // MARK: atoms

    private mutating func atom() -> RegexTree {
        let byte = bytes[at]
        switch byte {
        case UInt8(ascii: "("): return group()
        case UInt8(ascii: "["): return characterClass()
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "."):
            at += 1
            return .bytes(.all)
        case UInt8(ascii: "^"), UInt8(ascii: "$"):
            at += 1
            return .assertion
        default:
            at += 1
            return .bytes(folded(ByteSet(byte...byte)))
        }
    }

    private func folded(_ set: ByteSet) -> ByteSet { foldsCase ? set.withBothCases : set }

    private mutating func group() -> RegexTree {
        at += 1
        let outer = foldsCase
        var (isAtomic, asserts) = (false, false)
        if peek() == UInt8(ascii: "?") {
            if take("?#") { return skipComment() }
            if take("?>") {
                isAtomic = true
            } else if take("?=") || take("?!") || take("?<=") || take("?<!") {
                asserts = true
            } else if take("?P<") || take("?<") || take("?'") {
                groups += 1
                while at < bytes.count, peek() != UInt8(ascii: ">"), peek() != UInt8(ascii: "'") { at += 1 }
                at += 1
            } else if !flags() {
                // Flags for what follows: no group of its own.
                return .empty
            }
        } else if peek() != UInt8(ascii: "*") {
            groups += 1
        }
        let body = alternatives()
        _ = take(")")
        foldsCase = outer
        return asserts ? .assertion : isAtomic ? .atomic(body) : body
    }

    /// `?i:` and the like; false for `?i)`, which opens no group.
    private mutating func flags() -> Bool {
        at += 1
        var on = true
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "i"): foldsCase = on
            case UInt8(ascii: "-"): on = false
            case UInt8(ascii: ":"): return true
            case UInt8(ascii: ")"): return false
            default: break
            }
        }
        return false
    }

    private mutating func skipComment() -> RegexTree {
        while at < bytes.count, bytes[at] != UInt8(ascii: ")") { at += 1 }
        at += 1
        return .empty
    }

    private mutating func escape() -> RegexTree {
        at += 1
        let byte = peek()
        at += 1
        if let set = RegexParser.classes[byte] { return .bytes(set) }
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "Z"),
            UInt8(ascii: "G"), UInt8(ascii: "k"), UInt8(ascii: "g"), UInt8(ascii: "1")...UInt8(ascii: "9"):
            return .assertion
        case UInt8(ascii: "K"): return .empty
        case UInt8(ascii: "x"): return .bytes(hexadecimal())
        default:
            let plain = RegexParser.controls[byte] ?? byte
            return .bytes(folded(ByteSet(plain...plain)))
        }
    }

    private static let controls: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "f"): 12,
        UInt8(ascii: "e"): 27, UInt8(ascii: "a"): 7, UInt8(ascii: "0"): 0,
    ]

    private static let classes: [UInt8: ByteSet] = [
        UInt8(ascii: "d"): .digits, UInt8(ascii: "D"): ~ByteSet.digits,
        UInt8(ascii: "w"): .wordBytes, UInt8(ascii: "W"): ~ByteSet.wordBytes,
        UInt8(ascii: "s"): .spaces, UInt8(ascii: "S"): ~ByteSet.spaces,
        UInt8(ascii: "N"): .all, UInt8(ascii: "R"): .spaces, UInt8(ascii: "h"): .spaces,
    ]

    private mutating func hexadecimal() -> ByteSet {
        var value = 0
        var count = 0
        while count < 2, let digit = Character(Unicode.Scalar(peek())).hexDigitValue {
            value = value * 16 + digit
            at += 1
            count += 1
        }
        return ByteSet(UInt8(value)...UInt8(value))
    }

    private mutating func characterClass() -> RegexTree {
        at += 1
        let negated = take("^")
        var set = ByteSet()
        var isFirst = true
        while at < bytes.count, isFirst || bytes[at] != UInt8(ascii: "]") {
            isFirst = false
            if peek() == UInt8(ascii: "["), peek(1) == UInt8(ascii: ":") {
                set.formUnion(namedClass())
                continue
            }
            guard let low = classMember(&set) else { continue }
            if peek() == UInt8(ascii: "-"), peek(1) != UInt8(ascii: "]"), at + 1 < bytes.count {
                at += 1
                var other = ByteSet()
                if let high = classMember(&other), high >= low { set.formUnion(ByteSet(low...high)) }
                set.formUnion(other)
            } else {
                set.insert(low)
            }
        }
        at += 1
        set = folded(set)
        return .bytes(negated ? ~set : set)
    }

    /// One byte of a class; nil for an escape that stands for many, which goes into `set`.
    private mutating func classMember(_ set: inout ByteSet) -> UInt8? {
        let byte = bytes[at]
        at += 1
        guard byte == UInt8(ascii: "\\") else { return byte }
        let escaped = peek()
        at += 1
        if let many = RegexParser.classes[escaped] {
            set.formUnion(many)
            return nil
        }
        if escaped == UInt8(ascii: "x") {
            set.formUnion(hexadecimal())
            return nil
        }
        return RegexParser.controls[escaped] ?? escaped
    }

    private mutating func namedClass() -> ByteSet {
        var name: [UInt8] = []
        at += 2
        while at < bytes.count, peek() != UInt8(ascii: ":") {
            name.append(peek())
            at += 1
        }
        at += 2
        switch String(decoding: name, as: UTF8.self) {
        case "digit": return .digits
        case "space", "blank": return .spaces
        case "alpha", "alnum", "word", "upper", "lower", "xdigit": return .wordBytes
        default: return .all
        }
    }

    // MARK: loops

    private mutating func quantified(_ atom: RegexTree) -> RegexTree {
        var tree = atom
        while let (least, most) = quantifier() {
            let possessive = take("+")
            if !possessive { _ = take("?") }
            tree = .loop(tree, least: least, most: most)
            if possessive { tree = .atomic(tree) }
        }
        return tree
    }

    private mutating func quantifier() -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek() == UInt8(ascii: "{"), let close = bytes[at...].firstIndex(of: UInt8(ascii: "}")) else {
            return nil
        }
        let inner = String(decoding: bytes[(at + 1)..<close], as: UTF8.self)
        let numbers = inner.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count <= 2, let least = numbers.first ?? nil else { return nil }
        at = close + 1
        return (least, numbers.count == 1 ? least : numbers[1])
    }
}
