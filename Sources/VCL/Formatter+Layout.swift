import Diagnostics

// One line: what stands between its words, and where it is broken when it is too long.
extension Formatter {
    /// Writes `line`, whose first column is `base`.
    mutating func layout(_ base: Int) {
        let breaks = LineBreaks(line, source: source)
        write(line.indices, at: base, base: base, step: 4, breaks)
    }

    /// The columns that pieces take on one line.
    func flatWidth(_ all: [Piece]) -> Int {
        var width = 0
        for index in all.indices {
            if index > 0, LineBreaks.spaced(all, index) { width += 1 }
            width += columns(all[index].span)
        }
        return width
    }

    private func columns(_ span: Span) -> Int {
        source.bytes[span.start..<span.end].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }

    /// Writes a part of the line from column `column`; returns the column behind it. When the part is too
    /// long it is broken at its weakest operators, and the pieces of that at their own.
    @discardableResult
    private mutating func write(
        _ range: Range<Int>, at column: Int, base: Int, step: Int, _ breaks: LineBreaks
    ) -> Int {
        let indent = base + step
        let fit = fits(range, from: column, indent: indent, breaks)
        guard !fit, let group = breaks.weakest(in: range) else {
            return flat(range, at: column, base: base, indent: indent, breaks)
        }
        var column = column
        var from = range.lowerBound
        for place in breaks.places(of: group, in: range) + [range.upperBound] {
            if from > range.lowerBound, !breaks.forced(from) {
                out.append(UInt8(ascii: "\n"))
                pad(indent)
                column = indent
            }
            let nested = from > range.lowerBound ? indent : base
            column = write(
                from..<place, at: column, base: nested, step: from > range.lowerBound ? 2 : step, breaks)
            from = place
        }
        return column
    }

    private mutating func flat(
        _ range: Range<Int>, at start: Int, base: Int, indent: Int, _ breaks: LineBreaks
    ) -> Int {
        var column = start
        for index in range {
            if breaks.forced(index) {
                let place = index <= breaks.lastElse ? base : indent
                out.append(UInt8(ascii: "\n"))
                pad(place)
                column = place
            } else if index > range.lowerBound, breaks.spaced(index) {
                out.append(UInt8(ascii: " "))
                column += 1
            }
            write(line[index])
            column = self.column(behind: line[index], from: column)
        }
        return column
    }

    private func column(behind piece: Piece, from column: Int) -> Int {
        let bytes = source.bytes[piece.span.start..<piece.span.end]
        guard let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            return column + columns(piece.span)
        }
        return columns(Span(start: newline + 1, end: piece.span.end))
    }

    private func fits(_ range: Range<Int>, from start: Int, indent: Int, _ breaks: LineBreaks) -> Bool {
        var column = start
        for index in range {
            if breaks.forced(index) {
                column = indent
            } else if index > range.lowerBound, breaks.spaced(index) {
                column += 1
            }
            let piece = line[index]
            column = self.column(behind: piece, from: column)
            // A comment is as long as it is.
            if piece.kind != nil, column > Formatter.width { return false }
        }
        return true
    }
}

/// Where one line may be broken, where it must be, and where there is a space.
struct LineBreaks {
    /// An operator's strength: its depth in parentheses, then how weakly it binds.
    struct Group: Comparable {
        let depth: Int
        let strength: Int

        static func < (left: Group, right: Group) -> Bool {
            (left.depth, left.strength) < (right.depth, right.strength)
        }
    }

    private let line: [Piece]
    private var groups: [Group?]
    private var mustBreak: [Bool]
    /// The last `else` that the line holds behind a `}`; up to there a comment does not shift what follows.
    private(set) var lastElse = -1

    init(_ line: [Piece], source: SourceFile) {
        self.line = line
        groups = Array(repeating: nil, count: line.count)
        mustBreak = Array(repeating: false, count: line.count)
        let tokens = line.indices.filter { line[$0].kind != nil }
        guard let head = tokens.first else { return }
        let free = LineBreaks.firstBreak(line, tokens)
        var depth = 0
        var before: Int?
        for index in line.indices {
            mustBreak[index] = index > 0 && breaksBefore(index, head: head)
            guard let kind = line[index].kind else { continue }
            if kind == .rightParenthesis { depth -= 1 }
            if let before, index >= free { groups[index] = group(before, index, depth) }
            if kind == .leftParenthesis { depth += 1 }
            if line[index].word.continuesIf, let before, line[before].kind == .rightBrace { lastElse = index }
            before = index
        }
    }

    func forced(_ index: Int) -> Bool { mustBreak[index] }

    func weakest(in range: Range<Int>) -> Group? {
        range.dropFirst().compactMap { groups[$0] }.min()
    }

    func places(of group: Group, in range: Range<Int>) -> [Int] {
        range.dropFirst().filter { groups[$0] == group }
    }

    private func breaksBefore(_ index: Int, head: Int) -> Bool {
        let (piece, before) = (line[index], line[index - 1])
        guard before.kind == nil else { return piece.kind == nil && piece.breaks > 0 }
        // Behind a comment that nothing can follow, and behind comments that took a line of their own.
        if before.endsLine { return true }
        if piece.kind == nil { return piece.breaks > 0 && index > head }
        return index - 1 > head && ownsLine(index - 1)
    }

    private func ownsLine(_ comment: Int) -> Bool {
        var first = comment
        while first > 0, line[first].breaks == 0, line[first - 1].kind == nil { first -= 1 }
        return line[first].breaks > 0
    }

    /// From where on words that stand side by side are parts of one string.
    private static func firstBreak(_ line: [Piece], _ tokens: [Int]) -> Int {
        let head = line[tokens[0]]
        switch head.word {
        case .set, .add, .declare:
            let assignment = tokens.first { line[$0].kind == .equal || line[$0].kind == .assignment }
            return (assignment ?? line.count) + 2
        case .error: return tokens.count > 2 ? tokens[2] + 1 : line.count
        case .log, .synthetic, .syntheticBase64, .return, .include: return tokens[0] + 2
        case .sub, .if, .elsif, .elseif, .elif, .switch: return tokens[0] + 2
        default:
            if head.kind == .property { return tokens[0] + 3 }
            return head.kind == .rightBrace || head.word == .none ? tokens[0] + 2 : line.count
        }
    }

    private func group(_ before: Int, _ index: Int, _ depth: Int) -> Group? {
        let (left, right) = (line[before], line[index])
        // What begins a statement at the beginning of a line would be read as one.
        guard !right.word.opensStatement, !right.word.opensDeclaration, right.word != .pragma else {
            return nil
        }
        if left.kind == .comma { return Group(depth: depth, strength: 0) }
        switch right.kind {
        case .or: return Group(depth: depth, strength: 1)
        case .and: return Group(depth: depth, strength: 2)
        case .plus: return Group(depth: depth, strength: 3)
        case .string, .longString, .integer, .float, .rtime, .identifier:
            let sub = line.first { $0.kind != nil }?.word == .sub
            return !sub && LineBreaks.endsOperand(left) && !isHead(before)
                ? Group(depth: depth, strength: 3) : nil
        default: return nil
        }
    }

    private static func endsOperand(_ piece: Piece) -> Bool {
        switch piece.kind {
        case .string, .longString, .integer, .float, .rtime, .percent, .identifier, .rightParenthesis: true
        default: false
        }
    }

    // MARK: spaces

    func spaced(_ index: Int) -> Bool { LineBreaks.spaced(line, index) }

    static func spaced(_ line: [Piece], _ index: Int) -> Bool {
        let (left, right) = (line[index - 1], line[index])
        switch right.kind {
        case .semicolon, .comma, .rightParenthesis: return false
        case nil: return left.kind != .leftParenthesis
        case .colon: return left.kind == nil
        case .rightBrace: return left.kind != .leftBrace
        default: break
        }
        switch left.kind {
        case .leftParenthesis, .bang, .minus: return false
        case .slash: return right.kind == nil
        case nil: return true
        default: break
        }
        if right.kind == .slash { return false }
        guard right.kind == .leftParenthesis else { return true }
        guard left.kind == .identifier else { return true }
        if left.word == .return, isHead(line, index - 1) { return false }
        return left.word == .case || takesSpace(left.word) && isHead(line, index - 1)
    }

    private static func takesSpace(_ word: Keyword) -> Bool {
        word.opensStatement || word.continuesIf || word == .include
    }

    private func isHead(_ index: Int) -> Bool { LineBreaks.isHead(line, index) }

    /// The word that says which statement the line is: the first, or what follows a `}` or an else.
    private static func isHead(_ line: [Piece], _ index: Int) -> Bool {
        guard let before = line[..<index].lastIndex(where: { $0.kind != nil }) else { return true }
        return line[before].kind == .rightBrace || line[before].word == .else
    }
}
