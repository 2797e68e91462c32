/// Bounds of the shed switch.
package enum ShedLimits {
    /// Seconds after which clients shall come again (`Retry-After`) that get nothing because only the cache is served: soon
    /// enough to see the end of it, late enough that those who try by themselves are no second flood.
    package static let retrySeconds: Int64 = 30
}
