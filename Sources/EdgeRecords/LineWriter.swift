package import Kernel

/// Text that is being put together, as bytes.
package struct LineWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package var count: Int { bytes.count }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// What was written, which leaves this empty.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    package mutating func put(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    package mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
    package mutating func put(_ view: Bytes) { bytes.append(contentsOf: view.buffer) }
    package mutating func put(byte: UInt8) { bytes.append(byte) }

    package mutating func put(_ number: Int64) {
        guard number < 0 || number >= 10 else { return bytes.append(0x30 + UInt8(number)) }
        var text = "\(number)"
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// A number with as many digits, zeros in front.
    package mutating func put(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Nanoseconds as milliseconds with three digits behind the point.
    package mutating func put(milliseconds nanoseconds: Int64) {
        let micro = max(0, nanoseconds) / 1000
        put(micro / 1000)
        bytes.append(UInt8(ascii: "."))
        put(Int(micro % 1000), digits: 3)
    }

    // MARK: quoting

    /// A JSON string (RFC 8259, section 7). Octets that are no UTF-8 become U+FFFD.
    package mutating func put(quoted text: Bytes) {
        bytes.append(0x22)
        if LineWriter.isPlain(text) {
            put(text)
        } else {
            for scalar in text.string.unicodeScalars { put(scalar: scalar) }
        }
        bytes.append(0x22)
    }

    /// Visible ASCII without what JSON escapes.
    private static func isPlain(_ text: Bytes) -> Bool {
        text.buffer.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
    }

    private mutating func put(scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": put("\\\"" as StaticString)
        case "\\": put("\\\\" as StaticString)
        case "\n": put("\\n" as StaticString)
        case "\r": put("\\r" as StaticString)
        case "\t": put("\\t" as StaticString)
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            put("\\u00" as StaticString)
            put(hexadecimal: UInt8(scalar.value))
        default: bytes.append(contentsOf: String(scalar).utf8)
        }
    }

    /// As Apache writes what clients send: quotes and backslashes behind a backslash, what is not visible ASCII as `\xHH`, so
    /// that no client can write a line of its own.
    package mutating func put(escaped text: Bytes) {
        for byte in text.buffer {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x20..<0x7F: bytes.append(byte)
            default:
                put("\\x" as StaticString)
                put(hexadecimal: byte)
            }
        }
    }

    package mutating func put(hexadecimal byte: UInt8) {
        for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    }

    /// One line, whatever it holds: what ends lines becomes a space.
    package mutating func put(line text: Bytes) {
        for byte in text.buffer { bytes.append(byte == 0x0A || byte == 0x0D || byte == 0 ? 0x20 : byte) }
    }
}
