/// A value of a MaxMind database's data section.
indirect enum GeoValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case map([String: GeoValue])
    case list([GeoValue])
    /// Bytes and numbers of 128 bits, which no variable needs.
    case other

    var text: String? { if case .text(let value) = self { value } else { nil } }
    /// A BOOL is 0 or 1.
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }

    subscript(key: String) -> GeoValue? { if case .map(let members) = self { members[key] } else { nil } }

    subscript(index: Int) -> GeoValue? {
        if case .list(let items) = self, items.indices.contains(index) { items[index] } else { nil }
    }
}

/// Reads values of the format's data section; nil for whatever does not fit.
struct GeoDecoder {
    /// Maps inside maps: a city's record has 4.
    private static let deepest = 16
    /// Values of one record: a city's has about 100.
    private static let mostValues = 4096

    private let bytes: [UInt8]
    private let section: Range<Int>
    private var left = GeoDecoder.mostValues

    /// `section` lies within the bytes; pointers count from its beginning.
    init(_ bytes: [UInt8], section: Range<Int>) {
        self.bytes = bytes
        self.section = section
    }

    mutating func value(at start: Int) -> GeoValue? {
        var at = start
        return value(&at, depth: 0)
    }

    private mutating func value(_ at: inout Int, depth: Int) -> GeoValue? {
        left -= 1
        guard left >= 0, depth < GeoDecoder.deepest, let control = byte(&at) else { return nil }
        var type = Int(control >> 5)
        if type == 1 { return pointed(control, &at, depth: depth) }
        if type == 0 {
            guard let more = byte(&at) else { return nil }
            type = Int(more) + 7
        }
        guard let size = size(control, &at) else { return nil }
        switch type {
        case 2: return take(size, &at).map { .text(String(decoding: $0, as: UTF8.self)) }
        case 3:
            guard size == 8, let raw = number(8, &at) else { return nil }
            return .number(Double(bitPattern: raw))
        case 15:
            guard size == 4, let raw = number(4, &at) else { return nil }
            return .number(Double(Float(bitPattern: UInt32(raw))))
        case 5, 6, 9:
            guard size <= 8, let raw = number(size, &at) else { return nil }
            return .integer(Int64(clamping: raw))
        case 8:
            guard size <= 4, let raw = number(size, &at) else { return nil }
            return .integer(Int64(Int32(truncatingIfNeeded: raw)))
        case 14: return size <= 1 ? .integer(Int64(size)) : nil
        case 4, 10: return take(size, &at).map { _ in .other }
        case 7: return map(size, &at, depth: depth)
        case 11: return list(size, &at, depth: depth)
        default: return nil
        }
    }

    private mutating func map(_ count: Int, _ at: inout Int, depth: Int) -> GeoValue? {
        guard count <= left else { return nil }
        var members: [String: GeoValue] = [:]
        for _ in 0..<count {
            guard let key = value(&at, depth: depth + 1)?.text, let member = value(&at, depth: depth + 1)
            else {
                return nil
            }
            members[key] = member
        }
        return .map(members)
    }

    private mutating func list(_ count: Int, _ at: inout Int, depth: Int) -> GeoValue? {
        guard count <= left else { return nil }
        var items: [GeoValue] = []
        for _ in 0..<count {
            guard let item = value(&at, depth: depth + 1) else { return nil }
            items.append(item)
        }
        return .list(items)
    }

    /// What a pointer points to, which is no pointer itself; reading goes on behind the pointer.
    private mutating func pointed(_ control: UInt8, _ at: inout Int, depth: Int) -> GeoValue? {
        let width = Int(control >> 3 & 3) + 1
        guard let raw = number(width, &at) else { return nil }
        let upper = UInt64(control & 7)
        let offset: UInt64
        switch width {
        case 1: offset = upper << 8 | raw
        case 2: offset = (upper << 16 | raw) + 2048
        case 3: offset = (upper << 24 | raw) + 526_336
        default: offset = raw
        }
        guard offset < UInt64(section.count) else { return nil }
        var target = section.lowerBound + Int(offset)
        guard bytes[target] >> 5 != 1 else { return nil }
        return value(&target, depth: depth + 1)
    }

    private func size(_ control: UInt8, _ at: inout Int) -> Int? {
        let small = Int(control & 31)
        guard small > 28 else { return small }
        guard let more = number(small - 28, &at) else { return nil }
        return Int(more) + (small == 29 ? 29 : small == 30 ? 285 : 65_821)
    }

    private func byte(_ at: inout Int) -> UInt8? {
        guard section.contains(at) else { return nil }
        defer { at += 1 }
        return bytes[at]
    }

    private func take(_ count: Int, _ at: inout Int) -> ArraySlice<UInt8>? {
        guard count >= 0, section.contains(at) || count == 0, count <= section.upperBound - at else {
            return nil
        }
        defer { at += count }
        return bytes[at..<(at + count)]
    }

    /// A number of up to 8 bytes, the most significant first.
    private func number(_ count: Int, _ at: inout Int) -> UInt64? {
        take(count, &at).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
