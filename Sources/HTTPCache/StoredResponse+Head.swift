package import HTTP1
package import Kernel

// What is read from the encoded head. Views last as long as the response.
extension StoredResponse {
    /// At the headers of Vary.
    private var decoder: HeadDecoder { HeadDecoder(encoded) }

    /// At the three times, behind the headers of Vary.
    private var lifeDecoder: HeadDecoder {
        var decoder = decoder
        for _ in 0..<varyCount {
            _ = decoder.name()
            _ = decoder.value()
        }
        return decoder
    }

    /// At the reason.
    private var headDecoder: HeadDecoder {
        var decoder = lifeDecoder
        for _ in 0..<3 { _ = decoder.number() }
        return decoder
    }

    var life: (grace: Int64, staleWhileRevalidate: Int64, staleIfError: Int64) {
        var decoder = lifeDecoder
        return (decoder.signed(), decoder.signed(), decoder.signed())
    }

    package var reason: Bytes {
        var decoder = headDecoder
        return decoder.value()
    }

    /// The head's lines in memory of the list's own; a hit uses `copyHeaders`, which takes none.
    package var headers: HeaderList {
        var list = HeaderList(capacity: 0)
        copyHeaders(into: &list)
        return list
    }

    /// Makes `list` these lines, in the room that it has.
    package func copyHeaders(into list: inout HeaderList) {
        list.removeAll()
        var decoder = headDecoder
        _ = decoder.value()
        for _ in 0..<decoder.number() { list.append(decoder.field()) }
    }

    /// Request header names that chose this response, with the values that they had.
    package var vary: [(name: HeaderName, value: Bytes)] {
        var decoder = decoder
        return (0..<varyCount).map { _ in (decoder.name(), decoder.value()) }
    }

    /// Whether a request with these headers may have it (RFC 9111, section 4.1).
    package func answers(_ request: HeaderList) -> Bool {
        var decoder = decoder
        for _ in 0..<varyCount {
            let name = decoder.name()
            guard VaryMatching.matches(name, request[name], decoder.value(), headers) else { return false }
        }
        return true
    }

    func sameVariant(as other: StoredResponse) -> Bool {
        guard varyCount == other.varyCount else { return false }
        var (mine, theirs) = (decoder, other.decoder)
        for _ in 0..<varyCount {
            guard mine.name().bytes.equalsIgnoringCase(theirs.name().bytes) else { return false }
            let (value, otherValue) = (mine.value(), theirs.value())
            guard value.isSet == otherValue.isSet, value == otherValue else { return false }
        }
        return true
    }

    /// Its surrogate keys as they came, separated by spaces.
    package var surrogateKeys: Bytes {
        var decoder = headDecoder
        _ = decoder.value()
        var inHeader = Bytes.notSet
        for _ in 0..<decoder.number() {
            let field = decoder.field()
            if !inHeader.isSet, field.hash == HeaderName.surrogateKey.hash,
                field.name.equalsIgnoringCase(HeaderName.surrogateKey.bytes)
            {
                inHeader = field.value
            }
        }
        return decoder.number() == 1 ? inHeader : decoder.value()
    }

    func carries(surrogateKey: Bytes) -> Bool {
        var found = false
        surrogateKeys.forEachPart(separator: 0x20) { if $0 == surrogateKey { found = true } }
        return found
    }
}
