import HTTP1
import Kernel

/// Whether two values of a request header that Vary names mean the same (RFC 9111, section 4.1): white space around commas is
/// nothing anywhere; languages are a set with weights, whose letters have no case.
enum VaryMatching {
    /// `headers` are the kept response's, which are only made when they are asked for.
    static func matches(
        _ name: HeaderName, _ own: Bytes, _ kept: Bytes, _ headers: @autoclosure () -> HeaderList
    ) -> Bool {
        guard own.isSet == kept.isSet else { return false }
        // Nearly always the bytes are the same, and nothing is taken apart.
        if own == kept { return true }
        guard own.isSet else { return false }
        guard name.bytes.equalsIgnoringCase("Accept-Language") else {
            return parts(own).elementsEqual(parts(kept)) { $0 == $1 }
        }
        let wanted = languages(own)
        return wanted == languages(kept) || isTheFirstChoice(headers()[contentLanguage], of: wanted)
    }

    private static let contentLanguage = HeaderName("Content-Language")

    private static func parts(_ value: Bytes) -> [Bytes] {
        var parts: [Bytes] = []
        value.forEachPart(separator: UInt8(ascii: ",")) { parts.append($0) }
        return parts
    }

    private struct Language: Equatable {
        let tag: String
        let weight: String
    }

    /// In the order of their tags; what has no weight has 1.
    private static func languages(_ value: Bytes) -> [Language] {
        parts(value).map { part in
            let semicolon = part.firstIndex(of: UInt8(ascii: ";")) ?? part.count
            let weight = part.slice(min(semicolon + 1, part.count), part.count).trimmed.string.lowercased()
            let number = weight.hasPrefix("q=") ? String(weight.dropFirst(2)) : "1"
            let tag = part.slice(0, semicolon).trimmed.string.lowercased()
            return Language(tag: tag, weight: normal(number))
        }.sorted { ($0.tag, $0.weight) < ($1.tag, $1.weight) }
    }

    /// `1.0`, `1.` and `1` are one weight; digits behind the point compare as text.
    private static func normal(_ number: String) -> String {
        guard number.contains(".") else { return number }
        var text = Substring(number)
        while text.last == "0" { text = text.dropLast() }
        return String(text.last == "." ? text.dropLast() : text)
    }

    /// A response in the one language that is liked best is what the origin would choose for it.
    private static func isTheFirstChoice(_ language: Bytes, of wanted: [Language]) -> Bool {
        guard language.isSet, let best = wanted.max(by: { $0.weight < $1.weight }), best.weight != "0",
            wanted.count(where: { $0.weight == best.weight }) == 1
        else { return false }
        return language.string.lowercased() == best.tag
    }
}
