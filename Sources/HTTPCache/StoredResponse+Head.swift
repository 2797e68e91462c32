package import HTTP1
package import Kernel

// What is read from the encoded head. Views last as long as the response.
extension StoredResponse {
    private func decoder(at offset: Int) -> HeadDecoder { HeadDecoder(encoded + offset) }

    var life: (grace: Int64, staleWhileRevalidate: Int64, staleIfError: Int64) {
        var decoder = decoder(at: lifeOffset)
        return (decoder.signed(), decoder.signed(), decoder.signed())
    }

    /// Positioned at the reason.
    private var headDecoder: HeadDecoder {
        var decoder = decoder(at: lifeOffset)
        for _ in 0..<3 { _ = decoder.number() }
        return decoder
    }

    package var reason: Bytes {
        var decoder = headDecoder
        return decoder.bytes()
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
        _ = decoder.bytes()
        for _ in 0..<decoder.number() { list.append(decoder.field()) }
    }

    /// Request header names that chose this response, with the values that they had.
    package var vary: [(name: HeaderName, value: Bytes)] {
        var decoder = decoder(at: 0)
        return (0..<varyCount).map { _ in (decoder.name(), decoder.bytes()) }
    }

    /// Whether a request with these headers may have it (RFC 9111, section 4.1).
    package func answers(_ request: HeaderList) -> Bool {
        var decoder = decoder(at: 0)
        for _ in 0..<varyCount {
            let own = request[decoder.name()]
            let value = decoder.bytes()
            guard own.isSet == value.isSet, own == value else { return false }
        }
        return true
    }

    func sameVariant(as other: StoredResponse) -> Bool {
        guard varyCount == other.varyCount else { return false }
        var (mine, theirs) = (decoder(at: 0), other.decoder(at: 0))
        for _ in 0..<varyCount {
            guard mine.name().bytes.equalsIgnoringCase(theirs.name().bytes) else { return false }
            let (value, otherValue) = (mine.bytes(), theirs.bytes())
            guard value.isSet == otherValue.isSet, value == otherValue else { return false }
        }
        return true
    }

    /// Its surrogate keys as they came, separated by spaces.
    var surrogateKeys: Bytes {
        var decoder = headDecoder
        _ = decoder.bytes()
        var inHeader = Bytes.notSet
        for _ in 0..<decoder.number() {
            let field = decoder.field()
            if !inHeader.isSet, field.hash == HeaderName.surrogateKey.hash,
                field.name.equalsIgnoringCase(HeaderName.surrogateKey.bytes)
            {
                inHeader = field.value
            }
        }
        return decoder.number() == 1 ? inHeader : decoder.bytes()
    }

    func carries(surrogateKey: Bytes) -> Bool {
        var found = false
        surrogateKeys.forEachPart(separator: 0x20) { if $0 == surrogateKey { found = true } }
        return found
    }
}
