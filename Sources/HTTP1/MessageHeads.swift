package import Kernel

package struct RequestHead: Sendable {
    package var method: Bytes = .empty
    package var target: Bytes = .empty
    /// The minor version: 1 for HTTP/1.1.
    package var minor = 1
    package var headers = HeaderList()

    package init() {}

    package mutating func reset() {
        method = .empty
        target = .empty
        minor = 1
        headers.removeAll()
    }

    package mutating func copy(_ other: RequestHead) {
        method = other.method
        target = other.target
        minor = other.minor
        headers.replace(with: other.headers)
    }
}

package struct ResponseHead: Sendable {
    package var status = 0
    package var reason: Bytes = .empty
    package var minor = 1
    package var headers = HeaderList()

    package init() {}

    package mutating func reset() {
        status = 0
        reason = .empty
        minor = 1
        headers.removeAll()
    }

    package mutating func copy(_ other: ResponseHead) {
        status = other.status
        reason = other.reason
        minor = other.minor
        headers.replace(with: other.headers)
    }

    /// Whether a body can follow at all (RFC 9112, section 6.3).
    package var mayHaveBody: Bool { status >= 200 && status != 204 && status != 304 }
}

/// How a message's body ends.
package enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
    /// Until the connection closes; only responses may.
    case untilClose
}

/// What makes a head unusable, with the status of RFC 9110 that answers it.
package enum HeadError: Error, Sendable, Equatable {
    case malformedStartLine, malformedHeader, badVersion, conflictingLengths, badLength
    case badTransferEncoding, unknownTransferEncoding
    case missingHost, duplicateHost, tooLarge, tooManyHeaders, targetTooLong
    /// An `https` URI over a connection that is not secured.
    case misdirected
    /// The body takes longer than anybody waits for it.
    case bodyTooSlow
    /// So does the head.
    case headTooSlow
    /// The client, or its network, asks too often (RFC 6585, section 4).
    case tooManyRequests

    package var status: Int {
        switch self {
        case .badVersion: 505
        case .unknownTransferEncoding: 501
        case .tooLarge, .tooManyHeaders: 431
        case .targetTooLong: 414
        case .misdirected: 421
        case .bodyTooSlow, .headTooSlow: 408
        case .tooManyRequests: 429
        default: 400
        }
    }
}
