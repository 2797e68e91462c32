/// Bounds of Edge Side Includes. Depth and count are Fastly's (its page on the statement `esi`).
package enum ESILimits {
    /// Includes inside of includes.
    package static let depth = 5
    /// Includes of one page, with those of its parts.
    package static let includes = 256
    /// A tag that has not ended by then is none: addresses are that long at most, and a page without a `>` must not be held
    /// back as a whole.
    static let tagBytes = 8 * 1024
}
