import Diagnostics
import Kernel

/// How the client counts inside a line.
enum TextEncoding: String, Sendable {
    case utf8 = "utf-8", utf16 = "utf-16"

    /// The first encoding of the client's list that this server knows; UTF-16, which every client knows,
    /// without a list.
    static func negotiated(_ capabilities: JSONValue?) -> TextEncoding {
        let offered = capabilities?["general"]?["positionEncodings"]?.array ?? []
        return offered.lazy.compactMap { $0.string.flatMap(TextEncoding.init(rawValue:)) }.first ?? .utf16
    }

    /// The byte offset of a zero-based line and character. What lies outside the text means its nearest
    /// place.
    func offset(line: Int, character: Int, in file: SourceFile) -> Int {
        guard line >= 0 else { return 0 }
        guard line < file.lineStarts.count else { return file.bytes.count }
        let (start, end) = (file.lineStarts[line], TextEncoding.lineEnd(line, in: file))
        guard character > 0 else { return start }
        if self == .utf8 {
            var at = min(start + min(character, file.bytes.count), end)
            // Never inside a character.
            while at > start, at < end, file.bytes[at] & 0xC0 == 0x80 { at -= 1 }
            return at
        }
        var (at, units) = (start, 0)
        while at < end, units < character {
            let width = TextEncoding.width(file.bytes[at])
            units += width == 4 ? 2 : 1
            if units > character { break }
            at = min(at + width, end)
        }
        return at
    }

    func offset(_ position: JSONValue?, in file: SourceFile) -> Int? {
        guard let line = position?["line"]?.integer, let character = position?["character"]?.integer else {
            return nil
        }
        return offset(line: line, character: character, in: file)
    }

    func position(_ offset: Int, in file: SourceFile) -> JSONValue {
        let place = max(0, min(offset, file.bytes.count))
        let line = TextEncoding.line(of: place, in: file)
        let start = file.lineStarts[line]
        var units = place - start
        if self == .utf16 {
            units = 0
            var at = start
            while at < place {
                let width = TextEncoding.width(file.bytes[at])
                units += width == 4 ? 2 : 1
                at += width
            }
        }
        return ["line": .integer(line), "character": .integer(units)]
    }

    func range(_ start: Int, _ end: Int, in file: SourceFile) -> JSONValue {
        ["start": position(start, in: file), "end": position(end, in: file)]
    }

    func range(_ span: Span, in file: SourceFile) -> JSONValue { range(span.start, span.end, in: file) }

    /// Bytes of the character that begins with this byte; one for a byte that begins none.
    private static func width(_ byte: UInt8) -> Int {
        byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    /// Where a zero-based line's text ends, before its line break.
    private static func lineEnd(_ line: Int, in file: SourceFile) -> Int {
        guard line + 1 < file.lineStarts.count else { return file.bytes.count }
        let end = file.lineStarts[line + 1] - 1
        return end > file.lineStarts[line] && file.bytes[end - 1] == 0x0D ? end - 1 : end
    }

    /// The zero-based line of a byte offset.
    static func line(of offset: Int, in file: SourceFile) -> Int {
        var (low, high) = (0, file.lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if file.lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
