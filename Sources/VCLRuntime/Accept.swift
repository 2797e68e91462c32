import Kernel

/// Choices among what an origin has by what a client accepts (RFC 9110, section 12; RFC 4647 for languages). Lists of what
/// there is are separated by colons; comparisons are without case, and what is chosen is written as the list writes it.
enum Accept {
    /// One range of a client's header with its weight in thousandths.
    private struct Range {
        let name: Bytes
        let weight: Int
    }

    /// The ranges by falling weight; equal ones in their order.
    private static func ranges(_ header: Bytes) -> [Range] {
        var all: [Range] = []
        header.forEachPart(separator: 0x2C) { part in
            let end = part.firstIndex(of: 0x3B) ?? part.count
            let name = part.slice(0, end).trimmed
            if name.count > 0 { all.append(Range(name: name, weight: weight(part.slice(end, part.count)))) }
        }
        for index in all.indices.dropFirst() {
            var at = index
            while at > 0, all[at].weight > all[at - 1].weight {
                all.swapAt(at, at - 1)
                at -= 1
            }
        }
        return all
    }

    /// `;q=0.5` among other parameters; 1000 when there is none.
    private static func weight(_ parameters: Bytes) -> Int {
        var weight = 1000
        parameters.forEachPart(separator: 0x3B) { part in
            guard part.count > 2, part[0] | 0x20 == 0x71, part[1] == 0x3D else { return }
            let digits = part.slice(2, part.count)
            var (value, scale) = (digits[0] &- 0x30 < 10 ? Int(digits[0] - 0x30) * 1000 : 0, 100)
            if digits.count > 1, digits[1] == 0x2E {
                for byte in digits.slice(2, digits.count).buffer where byte &- 0x30 < 10 {
                    value += Int(byte - 0x30) * scale
                    scale /= 10
                }
            }
            weight = min(1000, value)
        }
        return weight
    }

    private static func split(_ list: Bytes) -> [Bytes] {
        var all: [Bytes] = []
        list.forEachPart(separator: 0x3A) { all.append($0) }
        return all
    }

    /// Charsets and encodings: what the client weighs highest; among equals the first of `available`.
    static func best(_ available: Bytes, _ fallback: Bytes, _ header: Bytes) -> Bytes {
        let ranges = ranges(header)
        var (found, best) = (fallback, 0)
        for name in split(available) {
            let range =
                ranges.first { $0.name.equalsIgnoringCase(name) } ?? ranges.first { $0.name == "*" }
            if let range, range.weight > best { (found, best) = (name, range.weight) }
        }
        return found
    }

    /// RFC 4647, section 3.4: each range in turn, shortened from its end until something fits. "Not set" when nothing fits
    /// and the client refuses the fallback.
    static func language(_ available: Bytes, _ fallback: Bytes, _ header: Bytes) -> Bytes {
        let (names, ranges) = (split(available), ranges(header))
        for range in ranges where range.weight > 0 && !(range.name == "*") {
            var tag = range.name
            while tag.count > 0 {
                if let found = names.first(where: { $0.equalsIgnoringCase(tag) }) { return found }
                tag = tag.lastIndex(of: 0x2D).map { tag.slice(0, $0) } ?? .empty
                // A single letter introduces what follows it and says nothing alone.
                if tag.count > 2, tag[tag.count - 2] == 0x2D { tag = tag.slice(0, tag.count - 2) }
            }
        }
        let refused = ranges.contains { $0.weight == 0 && $0.name.equalsIgnoringCase(fallback) }
        return refused ? .notSet : fallback
    }

    /// RFC 4647, section 3.3.1: what equals a range or begins with it and a hyphen; at most `most`, joined by commas.
    static func languages(
        _ available: Bytes, _ fallback: Bytes, _ header: Bytes, most: Int64, in arena: Arena
    ) -> Bytes {
        var left = split(available)
        var found: [Bytes] = []
        for range in ranges(header) where range.weight > 0 {
            for name in left where found.count < Int(clamping: most) && isWithin(name, range.name) {
                found.append(name)
            }
            left.removeAll { isWithin($0, range.name) }
        }
        guard !found.isEmpty else { return fallback }
        return arena.concatenate(found.flatMap { [Bytes(","), $0] }.dropFirst().map(\.self))
    }

    private static func isWithin(_ name: Bytes, _ range: Bytes) -> Bool {
        if range == "*" || name.equalsIgnoringCase(range) { return true }
        return name.count > range.count && name[range.count] == 0x2D
            && name.slice(0, range.count).equalsIgnoringCase(range)
    }

    /// Media types: each range in turn; `image/*` gives that of `patterns` which is an image, and `*/*` the fallback.
    static func media(_ available: Bytes, _ fallback: Bytes, _ patterns: Bytes, _ header: Bytes) -> Bytes {
        let (names, kinds) = (split(available), split(patterns))
        for range in ranges(header) where range.weight > 0 {
            if range.name == "*/*" { return fallback }
            if range.name.hasSuffix(Bytes("/*")) {
                let kind = range.name.slice(0, range.name.count - 1)
                let found = kinds.first {
                    $0.count > kind.count && $0.slice(0, kind.count).equalsIgnoringCase(kind)
                }
                if let found { return found }
            } else if let found = (names + kinds).first(where: { $0.equalsIgnoringCase(range.name) }) {
                return found
            } else if fallback.equalsIgnoringCase(range.name) {
                return fallback
            }
        }
        return fallback
    }

    /// The media type that stands twice among the lists of a call, which would make the choice a matter of luck.
    static func duplicate(_ lists: [String]) -> String? {
        var seen: Set<String> = []
        for name in lists.flatMap({ $0.split(separator: ":") }) where !seen.insert(name.lowercased()).inserted
        {
            return String(name)
        }
        return nil
    }
}
