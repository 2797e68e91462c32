import HTTP1
import Kernel
import Testing

/// One head and what the RFC says of it.
struct HeadCase: CustomTestStringConvertible, Sendable {
    enum Verdict: Sendable, Equatable {
        /// Method, target, Host and framing, or status, reason and framing.
        case reads(String)
        case refuses(HeadError)
    }

    let says: String
    /// The RFC and its section: `9112 3.2`.
    let rule: String
    let head: [UInt8]
    let verdict: Verdict

    var testDescription: String { "\(says) (RFC \(rule))" }

    /// A head of these lines, each ended by CRLF, and an empty line.
    init(_ says: String, _ rule: String, _ lines: [String], _ verdict: Verdict) {
        self.init(says, rule, raw: lines.map { $0 + "\r\n" }.joined() + "\r\n", verdict)
    }

    /// A head with its line ends as they are.
    init(_ says: String, _ rule: String, raw: String, _ verdict: Verdict) {
        (self.says, self.rule, self.head, self.verdict) = (says, rule, Array(raw.utf8), verdict)
    }

    func request(overTLS: Bool = false) -> Verdict {
        let arena = Arena()
        let bytes = head.withUnsafeBytes { arena.copy(Bytes($0)) }
        var request = RequestHead()
        do throws(HeadError) {
            let framing = try HeadParser.request(bytes, into: &request, overTLS: overTLS)
            request.takeOriginForm(in: arena)
            let host = request.headers.contains(.host) ? request.headers[.host].string : "-"
            return .reads("\(request.method.string) \(request.target.string) \(host) \(framing)")
        } catch {
            return .refuses(error)
        }
    }

    func response(to method: StaticString = "GET") -> Verdict {
        head.withUnsafeBytes { raw in
            var response = ResponseHead()
            do throws(HeadError) {
                try HeadParser.response(Bytes(raw), into: &response)
                let framing = try HeadParser.responseFraming(response, method: Bytes(method))
                return .reads("\(response.status) \(response.reason.string) \(framing)")
            } catch {
                return .refuses(error)
            }
        }
    }
}
