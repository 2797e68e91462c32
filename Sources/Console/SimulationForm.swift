import Foundation
import Kernel
import VCLSimulator

/// What people write to say which request is simulated and what the origin answers. Throws `Failure` for what makes no sense.
struct SimulationForm {
    static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"]

    var method = "GET"
    var url = "/"
    var headers = ""
    var client = "192.0.2.1"
    var times = "1"
    var status = "200"
    var originHeaders = "Content-Type: text/html; charset=utf-8\nCache-Control: max-age=60"
    var originBody = "<h1>What the origin has there</h1>"

    /// From a form's fields; a field that was not sent keeps what it begins with.
    init(_ field: (String) -> String?) {
        method = field("method") ?? method
        url = field("url") ?? url
        headers = SimulationForm.lines(field("headers")) ?? headers
        client = field("client") ?? client
        times = field("times") ?? times
        status = field("status") ?? status
        originHeaders = SimulationForm.lines(field("origin-headers")) ?? originHeaders
        originBody = SimulationForm.lines(field("origin-body")) ?? originBody
    }

    /// Browsers send CRLF.
    static func lines(_ text: String?) -> String? { text?.replacing("\r\n", with: "\n") }

    /// As a query, so that a simulation can be linked. Empty fields too: without them, what they begin with would come back.
    var query: String {
        let fields: [(String, String)] = [
            ("method", method), ("url", url), ("headers", headers), ("client", client), ("times", times),
            ("status", status), ("origin-headers", originHeaders), ("origin-body", originBody),
        ]
        return fields.map { "\($0)=\(Console.encoded($1))" }.joined(separator: "&")
    }

    // MARK: what it means

    /// `host`: for a request that names none.
    func request(host: String) throws -> SimulatedRequest {
        guard SimulationForm.isToken(method) else { throw Failure(.usage, "'\(method)' is no method") }
        var request = try SimulationForm.request(method, url, host: host)
        guard let address = IPAddress(client.trimmingCharacters(in: .whitespaces)) else {
            throw Failure(.usage, "'\(client)' is no address", hint: "write it as 192.0.2.1 or 2001:db8::1")
        }
        request.client = address
        let own = try SimulationForm.headers(headers, "the request")
        if own.contains(where: { $0.name.lowercased() == "host" }) { request.headers = [] }
        request.headers += own
        return request
    }

    func count() throws -> Int {
        guard let count = Int(times), (1...ConsoleLimits.simulatedTimes).contains(count) else {
            throw Failure(.usage, "it is asked 1 to \(ConsoleLimits.simulatedTimes) times, not '\(times)'")
        }
        return count
    }

    func answer() throws -> BackendAnswer {
        guard let code = Int(status), (200...599).contains(code) else {
            throw Failure(.usage, "the origin answers with a status of 200 to 599, not '\(status)'")
        }
        guard originBody.utf8.count <= ConsoleLimits.simulatedBody else {
            throw Failure(.limit, "the origin's body has at most \(ByteCount(ConsoleLimits.simulatedBody))")
        }
        return BackendAnswer(
            status: code, headers: try SimulationForm.headers(originHeaders, "the origin"),
            body: Array(originBody.utf8))
    }

    /// A path, or a whole URL whose host becomes the Host header.
    static func request(_ method: String, _ url: String, host: String) throws -> SimulatedRequest {
        let url = url.trimmingCharacters(in: .whitespaces)
        guard url.utf8.count <= ConsoleLimits.simulatedHeaders else {
            throw Failure(.limit, "a URL has at most \(ByteCount(ConsoleLimits.simulatedHeaders))")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(
                .usage, "'\(url)' is no URL", hint: "write spaces and other letters as %20 and so on")
        }
        var request = SimulatedRequest(url: url)
        request.method = method
        request.headers = [Header("Host", host)]
        if url.hasPrefix("/") { return request }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, let named = parts.host,
            ["http", "https"].contains(scheme), !named.isEmpty
        else {
            throw Failure(
                .usage, "'\(url)' is neither a path nor a URL",
                hint: "write it as /donate or https://www.example/donate")
        }
        request.url = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        if let query = parts.percentEncodedQuery { request.url += "?" + query }
        request.headers = [Header("Host", parts.port.map { "\(named):\($0)" } ?? named)]
        request.isTLS = scheme == "https"
        return request
    }

    static func headers(_ text: String, _ whose: String) throws -> [Header] {
        guard text.utf8.count <= ConsoleLimits.simulatedHeaders else {
            throw Failure(
                .limit, "headers of \(whose) have at most \(ByteCount(ConsoleLimits.simulatedHeaders))")
        }
        return try text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty { return nil }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, isToken(String(parts[0])) else {
                throw Failure(
                    .usage, "'\(line)' is no header of \(whose)",
                    hint: "write one on each line, as Name: value")
            }
            return Header(String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0)
            }
    }
}
