import HTTP1
package import Kernel

/// A request to an authority. What is sent is `body`, when there is one, as `application/jose+json`.
package struct ACMERequest: Sendable, Equatable {
    package enum Method: String, Sendable { case get = "GET", head = "HEAD", post = "POST" }

    package let method: Method
    package let url: String
    package var body: String?
    /// The form in which the answer shall come.
    package var accept: String?

    package init(_ method: Method, _ url: String, body: String? = nil, accept: String? = nil) {
        self.method = method
        self.url = url
        self.body = body
        self.accept = accept
    }
}

/// What an authority answered, of which no more than `ACMELimits.answerBytes` were read.
package struct ACMEResponse: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var nonce: String? { headers["replay-nonce"].flatMap { Base64URL.decode($0) == nil ? nil : $0 } }
    var isGood: Bool { (200..<300).contains(status) }

    /// Seconds from `now` (seconds since 1970) on; nil without a `Retry-After` that can be read. Nought for one in the past.
    func retryAfter(now: Int64) -> Int? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Int(text) { return max(0, seconds) }
        return text.withBytes { HTTPDate.parse($0) }.map { Int(max(0, $0 - now)) }
    }
}

/// Why no certificate was issued.
package struct IssuanceError: Error, Sendable, Equatable {
    package let failure: Failure
    /// Seconds that the authority wants to pass before the next try; nil when it named none.
    package var retryAfter: Int?

    package init(_ failure: Failure, retryAfter: Int? = nil) {
        self.failure = failure
        self.retryAfter = retryAfter
    }
}
