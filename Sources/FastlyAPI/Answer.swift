import Foundation
import HTTPKit
import Kernel

/// What the API says: JSON, or a text.
struct Answer: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    let type: String
    let body: Data

    init(_ json: JSONValue, status: Int = 200) {
        type = "application/json"
        body = Data(json.text.utf8)
        self.status = status
    }

    init(text: String, type: String = "text/plain; charset=utf-8") {
        self.type = type
        body = Data(text.utf8)
    }

    static let ok = Answer(["status": "ok"])

    var response: HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", type)] + headers, body: .data(body))
    }

    /// Fastly's words where clients know them, and what is wrong behind them; else what is wrong, and what to do about it.
    init(_ failure: Failure) {
        var (message, detail) = (failure.message, failure.hint ?? "")
        switch failure.kind {
        case .notFound:
            detail = failure.message + (failure.hint.map { " (\($0))" } ?? "")
            message = "Record not found"
        case .unauthenticated: message = "Provided credentials are missing or invalid"
        default: break
        }
        if failure.kind == .unauthenticated { detail = failure.description }
        self.init(["msg": .string(message), "detail": .string(detail)], status: Answer.status(of: failure))
    }

    /// A guard's no is no fault of the request's form.
    private static func status(of failure: Failure) -> Int {
        if let status = failure.context["status"].flatMap({ Int($0) }) { return status }
        switch failure.kind {
        case .usage, .invalid, .limit: return 400
        case .refused: return 403
        default: return failure.httpStatus
        }
    }
}

extension JSONValue {
    /// RFC 3339 in UTC, to the second, as Fastly writes times. Of milliseconds since 1970; null for none.
    static func time(_ milliseconds: Int64?) -> JSONValue {
        guard let milliseconds else { return .null }
        let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        return .string(date.formatted(.iso8601))
    }
}
