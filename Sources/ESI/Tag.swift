/// The attributes of one tag: `name="value"` or `name='value'`, entities of XML resolved.
struct Tag {
    private var attributes: [String: [UInt8]] = [:]

    /// From `<` to `>`.
    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes.drop { !Tag.isSpace($0) }
        while true {
            rest = rest.drop { Tag.isSpace($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ">") }
            let name = rest.prefix { !Tag.isSpace($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ">") }
            guard !name.isEmpty else { return }
            rest = rest.dropFirst(name.count).drop(while: Tag.isSpace)
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop(while: Tag.isSpace)
            let value: ArraySlice<UInt8>
            if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                value = rest.dropFirst().prefix { $0 != quote }
                rest = rest.dropFirst(value.count + 2)
            } else {
                value = rest.prefix { !Tag.isSpace($0) && $0 != UInt8(ascii: ">") }
                rest = rest.dropFirst(value.count)
            }
            attributes[String(decoding: name, as: UTF8.self).lowercased()] = Tag.resolved(value)
        }
    }

    /// Nil for a tag without an address.
    var include: Include? {
        guard let source = attributes["src"], !source.isEmpty else { return nil }
        return Include(
            source: source, alternative: attributes["alt"].flatMap { $0.isEmpty ? nil : $0 },
            continues: attributes["onerror"].map { $0.elementsEqual("continue".utf8) } ?? false)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }

    private static let entities: [(name: [UInt8], byte: UInt8)] = [
        (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&lt;".utf8), UInt8(ascii: "<")),
        (Array("&gt;".utf8), UInt8(ascii: ">")), (Array("&quot;".utf8), UInt8(ascii: "\"")),
        (Array("&apos;".utf8), UInt8(ascii: "'")),
    ]

    private static func resolved(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var rest = value
        while let byte = rest.first {
            let entity = byte == UInt8(ascii: "&") ? entities.first { rest.starts(with: $0.name) } : nil
            out.append(entity?.byte ?? byte)
            rest = rest.dropFirst(entity?.name.count ?? 1)
        }
        return out
    }
}
