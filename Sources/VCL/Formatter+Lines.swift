import Diagnostics

// Whole lines: where comments go, and where a blank line stays.
extension Formatter {
    /// Columns before the first word of a line here.
    var indentation: Int {
        var level = contexts.count - 1
        for context in contexts.dropLast() where context == .cases { level += 1 }
        if context == .cases, !opensCase(line.first { $0.kind != nil }?.word) { level += 1 }
        return level * 2
    }

    private func opensCase(_ word: Keyword?) -> Bool { word == .case || word == .default }

    // MARK: comments

    mutating func comment(_ piece: Piece) {
        if line.contains(where: { $0.kind != nil }) { return line.append(piece) }
        let next = at + 1 < pieces.count ? pieces[at + 1] : nil
        let leads = !piece.endsLine && next?.breaks == 0 && next?.kind != .rightBrace && next?.kind != .macro
        if piece.breaks == 0, !out.isEmpty, line.isEmpty { return trail(piece) }
        line.append(piece)
        if !leads { finishComments() }
    }

    /// At the end of the line above, unless a comment ends that already.
    private mutating func trail(_ piece: Piece) {
        guard !endsWithComment else { return ownLine(piece) }
        endsWithComment = piece.endsLine
        out.removeLast()
        out.append(UInt8(ascii: " "))
        write(piece)
        out.append(UInt8(ascii: "\n"))
    }

    private mutating func ownLine(_ piece: Piece) {
        line = [piece]
        finishComments()
    }

    /// Writes a line that holds nothing but comments.
    private mutating func finishComments() {
        separate(line[0], closes: false, isComment: true)
        // A comment in front of a case belongs to that case.
        let level = context == .cases && opensCase(nextToken(after: at)?.word) ? 2 : 0
        pad(indentation - level)
        for (index, piece) in line.enumerated() {
            if index > 0 { out.append(UInt8(ascii: " ")) }
            write(piece)
        }
        out.append(UInt8(ascii: "\n"))
        endsWithComment = line[line.count - 1].endsLine
        last = .comment
        line.removeAll(keepingCapacity: true)
    }

    // MARK: blank lines

    /// The blank line before a line that begins with `piece`, if there is one.
    private mutating func separate(_ piece: Piece, closes: Bool, isComment: Bool) {
        guard last != .nothing, last != .opener, !closes else { return }
        var blank = piece.breaks > 1
        if context == .declarations {
            let next = isComment ? nextToken(after: at) : line.first { $0.kind != nil }
            let short = next?.word == .include || next?.word == .import
            if last == .declaration || last == .shortDeclaration && !short { blank = true }
        }
        if blank { out.append(UInt8(ascii: "\n")) }
    }

    // MARK: lines

    /// Ends the line with `;` or `,`. Comments in front of that go behind it.
    mutating func end(with terminator: Piece?) {
        let comments = takeLastComments()
        if let terminator { line.append(terminator) }
        finishLine()
        write(behind: comments)
    }

    /// Takes the comments at the end of the line, if one of them is such that nothing can follow it.
    mutating func takeLastComments() -> [Piece] {
        guard let last = line.lastIndex(where: { $0.kind != nil }),
            line[(last + 1)...].contains(where: { $0.endsLine })
        else { return [] }
        defer { line.removeSubrange((last + 1)...) }
        return Array(line[(last + 1)...])
    }

    mutating func write(behind comments: [Piece]) {
        for piece in comments {
            if piece.breaks == 0 { trail(piece) } else { ownLine(piece) }
        }
    }

    /// Writes the line that was put together, if there is one.
    mutating func finishLine() {
        guard let first = line.first else { return }
        guard let head = line.first(where: { $0.kind != nil }) else { return finishComments() }
        separate(first, closes: head.kind == .rightBrace, isComment: false)
        let base = indentation
        pad(base)
        layout(base)
        out.append(UInt8(ascii: "\n"))
        parentheses = 0
        endsWithComment = false
        switch context {
        case .declarations:
            let short = head.word == .include || head.word == .import
            last = short ? .shortDeclaration : .declaration
        default: last = .other
        }
        line.removeAll(keepingCapacity: true)
    }

    mutating func pad(_ columns: Int) {
        for _ in 0..<columns { out.append(UInt8(ascii: " ")) }
    }

    mutating func write(_ piece: Piece) {
        if piece.span.start == piece.span.end {
            out.append(UInt8(ascii: ","))
        } else {
            out += source.bytes[piece.span.start..<piece.span.end]
        }
    }
}
