package import Kernel

/// Which codings an Accept-Encoding allows (RFC 9110, section 12.5.3). `*` stands for those that are not named; a weight of 0
/// forbids.
package struct AcceptEncoding: Sendable, Equatable {
    package var gzip = false
    package var deflate = false
    package var brotli = false

    package init(_ value: Bytes) {
        var named = AcceptEncoding.Named()
        value.forEachPart(separator: UInt8(ascii: ",")) { part in
            guard named.count < CompressionLimits.acceptedParts else { return }
            named.count += 1
            let semicolon = part.firstIndex(of: UInt8(ascii: ";")) ?? part.count
            let coding = part.slice(0, semicolon).trimmed
            let allows =
                semicolon == part.count || AcceptEncoding.isAllowed(part.slice(semicolon, part.count))
            if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") {
                named.gzip = allows
            } else if coding.equalsIgnoringCase("br") {
                named.brotli = allows
            } else if coding.equalsIgnoringCase("deflate") {
                named.deflate = allows
            } else if coding == "*" {
                named.others = allows
            }
        }
        gzip = named.gzip ?? named.others
        deflate = named.deflate ?? named.others
        brotli = named.brotli ?? named.others
    }

    private struct Named {
        var count = 0
        var gzip: Bool?
        var deflate: Bool?
        var brotli: Bool?
        var others = false
    }

    /// Of parameters, each behind a semicolon: whether none of them is a weight of nought.
    private static func isAllowed(_ parameters: Bytes) -> Bool {
        var allowed = true
        parameters.forEachPart(separator: UInt8(ascii: ";")) { parameter in
            let weight = parameter.trimmed
            guard weight.count >= 2, weight[0] | 0x20 == UInt8(ascii: "q"), weight[1] == UInt8(ascii: "=")
            else { return }
            allowed = weight.slice(2, weight.count).buffer.contains {
                $0 >= UInt8(ascii: "1") && $0 <= UInt8(ascii: "9")
            }
        }
        return allowed
    }

    package func allows(_ coding: ContentCoding) -> Bool {
        switch coding {
        case .gzip: gzip
        case .brotli: brotli
        }
    }
}
