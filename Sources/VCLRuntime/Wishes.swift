package import Kernel

/// What built-ins ask of the host besides the response: it may honour them, and it may be unable to.
package struct Wishes: Sendable {
    /// `resp.tarpit`: send the response in pieces.
    package struct Tarpit: Sendable, Hashable {
        /// Seconds between two pieces.
        package let interval: Int64
        package let chunkBytes: Int64
    }

    package var tarpit: Tarpit?
    /// Header lines for a response 103, from `early_hints`.
    package var earlyHints: [Bytes] = []
    /// URLs (and what they are to the page) from `h2.push`.
    package var pushes: [(url: Bytes, kind: Bytes)] = []
    /// Names of headers that HTTP/2 must not put into its table; from `h2.disable_header_compression`.
    package var uncompressedHeaders: [Bytes] = []
    /// `h3.alt_svc`: tell the client that HTTP/3 is spoken here.
    package var advertisesHTTP3 = false

    package init() {}

    package mutating func reset() {
        tarpit = nil
        if !earlyHints.isEmpty { earlyHints.removeAll(keepingCapacity: true) }
        if !pushes.isEmpty { pushes.removeAll(keepingCapacity: true) }
        if !uncompressedHeaders.isEmpty { uncompressedHeaders.removeAll(keepingCapacity: true) }
        advertisesHTTP3 = false
    }
}
