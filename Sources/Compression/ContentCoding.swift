package import Kernel

/// A content coding that the edge can apply and take off (RFC 9110, section 8.4.1).
package enum ContentCoding: Sendable, Hashable, CaseIterable {
    case gzip, brotli

    /// As Content-Encoding names it.
    package var name: StaticString {
        switch self {
        case .gzip: "gzip"
        case .brotli: "br"
        }
    }

    /// By the value of a Content-Encoding of one coding; nil for others and for several on top of each other. `x-gzip` is
    /// the same as `gzip` (RFC 9110, section 8.4.1.3).
    package init?(_ value: Bytes) {
        let name = value.trimmed
        if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
            self = .gzip
        } else if name.equalsIgnoringCase("br") {
            self = .brotli
        } else {
            return nil
        }
    }
}
