/// An operation that failed. Message and hint reach the person who asked; `context` goes to the log alone.
/// A message is lower case, names the person's own thing and has no full stop; a hint says what to type next.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// The words of the request make no sense.
        case usage
        /// The request is well formed, and what it asks for is not possible.
        case invalid
        case notFound
        /// Nobody is known by this token or session.
        case unauthenticated
        /// Known, and not allowed.
        case forbidden
        /// Something else changed meanwhile, or stands in the way.
        case conflict
        /// A guard said no.
        case refused
        /// A documented limit was reached.
        case limit
        /// Something outside is not there at the moment.
        case unavailable
        /// Our own fault.
        case `internal`
    }

    package let kind: Kind
    package let message: String
    package let hint: String?
    package let context: [String: String]

    package init(_ kind: Kind, _ message: String, hint: String? = nil, context: [String: String] = [:]) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.context = context
    }

    package var description: String { hint.map { "\(message) (\($0))" } ?? message }

    /// The status of RFC 9110 that says it best.
    package var httpStatus: Int {
        switch kind {
        case .usage, .invalid: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .refused: 422
        case .limit: 429
        case .unavailable: 503
        case .internal: 500
        }
    }
}
