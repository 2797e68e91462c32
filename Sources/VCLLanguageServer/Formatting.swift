import Diagnostics
import Kernel
import VCL

extension LanguageServer {
    /// One edit of the lines that differ, so that the client keeps its place in all others.
    mutating func formatting(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let (_, index) = try asked(file: parameters)
        let file = index.file
        guard case .formatted(let text) = Formatter.format(file) else {
            throw .failed("the file is not formatted before its syntax is right")
        }
        let new = Array(text.utf8)
        guard new != file.bytes else { return [] }
        var head = zip(file.bytes, new).prefix { $0 == $1 }.count
        while head > 0, file.bytes[head - 1] != 0x0A { head -= 1 }
        let most = min(file.bytes.count, new.count) - head
        var tail = zip(file.bytes.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(most).count
        // Whole lines: what follows begins behind a line break.
        while tail > 0, file.bytes[file.bytes.count - tail - 1] != 0x0A || !startsLine(new, tail) {
            tail -= 1
        }
        let changed = new[head..<(new.count - tail)]
        return [
            [
                "range": encoding.range(head, file.bytes.count - tail, in: file),
                "newText": .string(String(decoding: changed, as: UTF8.self)),
            ]
        ]
    }

    private func startsLine(_ bytes: [UInt8], _ tail: Int) -> Bool {
        bytes.count == tail || bytes[bytes.count - tail - 1] == 0x0A
    }
}
