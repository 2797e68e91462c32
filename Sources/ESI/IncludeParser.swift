package import Kernel

// The part of the ESI language (ESI Language Specification 1.0) that Fastly has: include, remove, comment, and the comment
// `<!--esi ... -->` whose inside counts. A page is read as it arrives: what cannot be the beginning of a tag is given on at once,
// and at most one tag is held back.

/// Finds the includes of one page. A value that is fed pieces in their order.
package struct IncludeParser: Sendable {
    package enum Piece: Sendable, Equatable {
        case text([UInt8])
        case include(Include)
    }

    private enum Place { case page, removed, cdata }

    /// Whether tags inside of CDATA sections count, as `esi.allow_inside_cdata` says.
    private let readsCDATA: Bool
    private var place = Place.page
    /// Inside of `<!--esi`, whose end goes too.
    private var inComment = false
    /// The beginning of something whose rest has not come.
    private var pending: [UInt8] = []

    package init(readsCDATA: Bool = false) { self.readsCDATA = readsCDATA }

    /// What can be said once `bytes` have come.
    package mutating func feed(_ bytes: Bytes) -> [Piece] {
        var input = pending
        input.append(contentsOf: bytes.buffer)
        pending = []
        var output = Output()
        var at = 0
        while at < input.count {
            guard let next = step(input, at, &output) else {
                pending = Array(input[at...])
                break
            }
            at = next
        }
        return output.pieces
    }

    /// The page has ended: what was held back is text, unless it is to be removed.
    package mutating func finish() -> [Piece] {
        defer { pending = [] }
        return place == .removed || pending.isEmpty ? [] : [.text(pending)]
    }

    private struct Output {
        var pieces: [Piece] = []

        mutating func text(_ bytes: ArraySlice<UInt8>) {
            guard !bytes.isEmpty else { return }
            if case .text(var before) = pieces.last {
                pieces.removeLast()
                before.append(contentsOf: bytes)
                pieces.append(.text(before))
            } else {
                pieces.append(.text(Array(bytes)))
            }
        }
    }

    /// Takes something at `at` and says where it goes on; nil when more must come first.
    private mutating func step(_ input: [UInt8], _ at: Int, _ output: inout Output) -> Int? {
        switch place {
        case .removed:
            guard let end = find(Words.endOfRemove, input, at) else {
                // Of what is removed only the beginning of its end is kept.
                let rest = heldBack(input, at, Words.endOfRemove)
                return rest > at ? rest : nil
            }
            place = .page
            return end + Words.endOfRemove.count
        case .cdata:
            let end = find(Words.endOfCDATA, input, at)
            let rest = end.map { $0 + Words.endOfCDATA.count } ?? heldBack(input, at, Words.endOfCDATA)
            output.text(input[at..<rest])
            if end != nil { place = .page }
            return rest > at ? rest : nil
        case .page: return stepInPage(input, at, &output)
        }
    }

    private mutating func stepInPage(_ input: [UInt8], _ at: Int, _ output: inout Output) -> Int? {
        let stop =
            input[at...].firstIndex { $0 == Words.less || inComment && $0 == Words.dash } ?? input.count
        if stop > at {
            output.text(input[at..<stop])
            return stop
        }
        if inComment, input[at] == Words.dash { return endOfComment(input, at, &output) }
        for word in [Words.comment, Words.cdata, Words.tag, Words.endTag] {
            switch match(word, input, at) {
            case .no: continue
            case .perhaps: return nil
            case .yes:
                if word == Words.comment {
                    inComment = true
                    return at + word.count
                }
                if word == Words.cdata {
                    if !readsCDATA { place = .cdata }
                    output.text(input[at..<at + word.count])
                    return at + word.count
                }
                return tag(input, at, &output)
            }
        }
        output.text(input[at...at])
        return at + 1
    }

    private mutating func endOfComment(_ input: [UInt8], _ at: Int, _ output: inout Output) -> Int? {
        switch match(Words.endOfComment, input, at) {
        case .perhaps: return nil
        case .yes:
            inComment = false
            return at + Words.endOfComment.count
        case .no:
            output.text(input[at...at])
            return at + 1
        }
    }

    private mutating func tag(_ input: [UInt8], _ at: Int, _ output: inout Output) -> Int? {
        guard let end = endOfTag(input, at) else {
            guard input.count - at > ESILimits.tagBytes else { return nil }
            output.text(input[at...at])
            return at + 1
        }
        let tag = input[at...end]
        if tag.startsIgnoringCase("<esi:remove"), tag.dropLast().last != UInt8(ascii: "/") {
            place = .removed
        }
        if tag.startsIgnoringCase("<esi:include"), let include = Tag(tag).include {
            output.pieces.append(.include(include))
        }
        // Comments go, and so do tags that nobody here knows and what closes them.
        return end + 1
    }

    /// The `>` that ends a tag; one between quotes does not.
    private func endOfTag(_ input: [UInt8], _ start: Int) -> Int? {
        var quote: UInt8?
        for index in start..<min(input.count, start + ESILimits.tagBytes) {
            let byte = input[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    private enum Match { case no, perhaps, yes }

    private func match(_ word: [UInt8], _ input: [UInt8], _ at: Int) -> Match {
        let there = input[at..<min(input.count, at + word.count)]
        guard zip(there, word).allSatisfy({ lowercased($0) == lowercased($1) }) else { return .no }
        return there.count == word.count ? .yes : .perhaps
    }

    private func find(_ word: [UInt8], _ input: [UInt8], _ start: Int) -> Int? {
        var at = start
        while let next = input[at...].firstIndex(of: word[0]) {
            if match(word, input, next) == .yes { return next }
            at = next + 1
        }
        return nil
    }

    /// From where on something may be the beginning of `word`.
    private func heldBack(_ input: [UInt8], _ start: Int, _ word: [UInt8]) -> Int {
        let first = max(start, input.count - word.count + 1)
        return (first..<input.count).first { match(word, input, $0) == .perhaps } ?? input.count
    }
}

private enum Words {
    static let less = UInt8(ascii: "<")
    static let dash = UInt8(ascii: "-")
    static let comment: [UInt8] = Array("<!--esi".utf8)
    static let endOfComment: [UInt8] = Array("-->".utf8)
    static let cdata: [UInt8] = Array("<![CDATA[".utf8)
    static let endOfCDATA: [UInt8] = Array("]]>".utf8)
    static let tag: [UInt8] = Array("<esi:".utf8)
    static let endTag: [UInt8] = Array("</esi:".utf8)
    static let endOfRemove: [UInt8] = Array("</esi:remove>".utf8)
}
