#if canImport(Glibc)
    import Glibc
#endif

/// A text that a person wrote, with the name under which they know it (a path as they would type it).
package struct SourceFile: Sendable {
    package let name: String
    package let bytes: [UInt8]
    /// Byte offset of each line's first byte.
    package let lineStarts: [Int]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts: [Int] = [0]
        starts.reserveCapacity(bytes.count / 24 + 1)
        bytes.withUnsafeBytes { text in
            guard let first = text.baseAddress else { return }
            var at = 0
            while at < text.count, let found = memchr(first + at, 0x0A, text.count - at) {
                at = UnsafeRawPointer(found) - first + 1
                starts.append(at)
            }
        }
        lineStarts = starts
    }

    package init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    /// One-based line and column (in characters) of a byte offset; offsets past the end mean the end.
    package func position(of offset: Int) -> (line: Int, column: Int) {
        let bounded = max(0, min(offset, bytes.count))
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= bounded { low = middle } else { high = middle }
        }
        let head = String(decoding: bytes[lineStarts[low]..<bounded], as: UTF8.self)
        return (low + 1, head.count + 1)
    }

    /// Byte offset of a one-based line and column (in characters).
    package func offset(line: Int, column: Int) -> Int {
        guard line >= 1, line <= lineStarts.count else { return bytes.count }
        let text = lineText(line)
        let ahead = text.prefix(max(0, column - 1)).utf8.count
        return min(lineStarts[line - 1] + ahead, bytes.count)
    }

    /// A one-based line without its line break.
    package func lineText(_ line: Int) -> String {
        guard line >= 1, line <= lineStarts.count else { return "" }
        let from = lineStarts[line - 1]
        var to = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if to > from, bytes[to - 1] == 0x0D { to -= 1 }
        return String(decoding: bytes[from..<max(from, to)], as: UTF8.self)
    }

    package func text(_ span: Span) -> String {
        let from = max(0, min(span.start, bytes.count))
        return String(decoding: bytes[from..<max(from, min(span.end, bytes.count))], as: UTF8.self)
    }
}

/// Where something stands: byte offsets, the end excluded, in one file of a `SourceSet`.
package struct Span: Sendable, Hashable {
    package var file: UInt16
    package var startOffset: UInt32
    package var endOffset: UInt32

    @inlinable package init(file: Int = 0, start: Int, end: Int) {
        self.file = UInt16(clamping: file)
        startOffset = UInt32(clamping: start)
        endOffset = UInt32(clamping: max(start, end))
    }

    @inlinable package init(file: UInt16, startOffset: UInt32, endOffset: UInt32) {
        self.file = file
        self.startOffset = startOffset
        self.endOffset = endOffset
    }

    @inlinable package var start: Int { Int(startOffset) }
    @inlinable package var end: Int { Int(endOffset) }

    /// From the beginning of this to the end of `other`, which stands later in the same file.
    @inlinable package func through(_ other: Span) -> Span {
        var whole = self
        if other.file == file { whole.endOffset = max(endOffset, other.endOffset) }
        return whole
    }
}

/// The files that one check reads; a span names its file by its place here.
package struct SourceSet: Sendable {
    package private(set) var files: [SourceFile] = []

    package init(_ files: [SourceFile] = []) { self.files = files }

    package mutating func add(_ file: SourceFile) -> Int {
        files.append(file)
        return files.count - 1
    }

    package func text(_ span: Span) -> String { files[Int(span.file)].text(span) }
    package func file(of span: Span) -> SourceFile? {
        Int(span.file) < files.count ? files[Int(span.file)] : nil
    }
}
