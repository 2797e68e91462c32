/// Bounds of one message's head. Fastly allows 255 request and 96 response header lines.
package enum HTTP1Limits {
    /// Bytes of a head, start line included; a browser's cookies stay below 8 KiB, proxies add to them.
    package static let headBytes = 64 * 1024
    package static let headerLines = 255
    /// Fastly refuses longer request targets too.
    package static let targetBytes = 8 * 1024
    /// Digits of a length, leading zeros included: an exabyte is more than any body, and no sum with it overflows.
    package static let contentLengthDigits = 18
    /// Digits of a chunk's size: programs that pad write a 64-bit number's 16.
    package static let chunkSizeDigits = 16
    /// Bits of a chunk's size; more than any body has, and no sum with it overflows.
    package static let chunkSizeBits = 60
    /// Bytes of a chunk's extensions; nobody uses them, attackers hide in them.
    package static let chunkExtensionBytes = 256
    /// Bytes of all trailers. They are kept until the body's end has gone on, and with what is stored.
    package static let trailerBytes = 8 * 1024
    /// Fields among them that go on: checksums, statuses and times are a handful.
    package static let trailerFields = 64
    /// A PROXY header of version 1 is 107 bytes at most, by its specification.
    package static let proxyLineBytes = 107
    /// Of version 2: addresses take 36 bytes, what balancers add about a TLS client (its certificate's name,
    /// the connection's identifier) some hundred; 64 KiB would be possible and is memory for strangers.
    package static let proxyHeaderBytes = 4 * 1024
}
