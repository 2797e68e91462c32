package enum CompressionLimits {
    /// Bytes that one step takes in: about two milliseconds of brotli on a slow core, so that whoever shares the thread waits no longer.
    package static let step = 64 * 1024
    /// Room that a step's output grows by; a step of text needs one or two.
    static let room = 16 * 1024
    /// How many times larger than what came in a decompressed body may get before it counts as a bomb: text shrinks to a
    /// twentieth at best, while deflate's own limit is 1032 and brotli has none.
    package static let ratio = 200
    /// Below so many bytes the ratio says nothing.
    package static let ratioCountsFrom = 1 << 20
    /// What one body may decompress to: as much as the cache keeps of one.
    package static let decompressedBytes = 64 << 20
    /// Levels that cost what they gain while somebody waits: zlib's own default, and the brotli level that packs better than
    /// it in the same time.
    package static let gzipLevel: Int32 = 6
    package static let brotliQuality: UInt32 = 5
    /// What is compressed for one answer alone is compressed as fast as can be.
    package static let fastestGzipLevel: Int32 = 1
    package static let fastestBrotliQuality: UInt32 = 1
    /// brotli's window, as a power of two: 256 KiB, which is a page with all its parts; a larger one takes megabytes for
    /// each body under way.
    static let brotliWindow: UInt32 = 18
    /// Parts of an Accept-Encoding that are looked at; browsers send five.
    static let acceptedParts = 32
}
