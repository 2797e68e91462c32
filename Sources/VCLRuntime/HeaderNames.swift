import HTTP1

extension HeaderName {
    static let userAgent = HeaderName("User-Agent")
}
