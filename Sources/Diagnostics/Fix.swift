/// A change of the text that answers a diagnostic.
package struct Fix: Sendable, Hashable {
    package struct Edit: Sendable, Hashable {
        package let span: Span
        package let replacement: String

        package init(_ span: Span, _ replacement: String) {
            self.span = span
            self.replacement = replacement
        }
    }

    /// What it does, in words: "remove the label".
    package let description: String
    package let edits: [Edit]
    /// Whether what the text means stays the same, so that it may be applied without being asked for.
    package let isSafe: Bool

    package init(_ description: String, safe: Bool, _ edits: [Edit]) {
        self.description = description
        self.edits = edits
        isSafe = safe
    }
}

extension SourceSet {
    /// The span grown to its whole lines where nothing else stands on them, so that removing it leaves no empty line.
    package func wholeLines(_ span: Span) -> Span {
        guard let bytes = file(of: span)?.bytes else { return span }
        let blank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var start = span.start
        while start > 0, blank(bytes[start - 1]) { start -= 1 }
        var end = span.end
        while end < bytes.count, blank(bytes[end]) { end += 1 }
        guard start == 0 || bytes[start - 1] == 0x0A, end == bytes.count || bytes[end] == 0x0A else {
            return span
        }
        return Span(file: Int(span.file), start: start, end: min(end + 1, bytes.count))
    }

    /// The files with all safe fixes of `diagnostics` applied; of two that overlap the first in the text is.
    package func applying(safeFixesOf diagnostics: [Diagnostic]) -> SourceSet {
        var edits: [UInt16: [Fix.Edit]] = [:]
        for diagnostic in diagnostics.inReadingOrder {
            guard let fix = diagnostic.fixes.first(where: \.isSafe) else { continue }
            let free = fix.edits.allSatisfy { edit in
                !(edits[edit.span.file] ?? []).contains { $0.span.overlaps(edit.span) }
            }
            guard free else { continue }
            for edit in fix.edits { edits[edit.span.file, default: []].append(edit) }
        }
        return SourceSet(
            files.enumerated().map { index, file in
                guard let own = edits[UInt16(clamping: index)] else { return file }
                return file.applying(own)
            })
    }
}

extension SourceFile {
    /// The file with edits that do not overlap applied.
    package func applying(_ edits: [Fix.Edit]) -> SourceFile {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        for edit in edits.sorted(by: { $0.span.startOffset < $1.span.startOffset }) {
            guard edit.span.start >= at, edit.span.end <= bytes.count else { continue }
            out += bytes[at..<edit.span.start]
            out += Array(edit.replacement.utf8)
            at = edit.span.end
        }
        return SourceFile(name: name, bytes: out + bytes[at...])
    }
}

extension Span {
    fileprivate func overlaps(_ other: Span) -> Bool {
        file == other.file && start <= other.end && other.start <= end
    }
}
