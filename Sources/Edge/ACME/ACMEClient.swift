import ACME
import AsyncHTTPClient
import Kernel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends an authority's requests, over connections that end with it.
struct ACMEClient: Sendable {
    private let client: HTTPClient

    /// `trust` are certificates of authorities besides the system's, whose directories then are believed.
    init(trust: [NIOSSLCertificate]) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        var tls = TLSConfiguration.makeClientConfiguration()
        if !trust.isEmpty { tls.additionalTrustRoots = [.certificates(trust)] }
        configuration.tlsConfiguration = tls
        // `Renewal` says when it is tried again.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func close() async { try? await client.shutdown() }

    func send(_ asked: ACMERequest) async throws(IssuanceError) -> ACMEResponse {
        var request = HTTPClientRequest(url: asked.url)
        request.method = HTTPMethod(rawValue: asked.method.rawValue)
        // A client says who it is (RFC 8555, section 6.1).
        request.headers.add(name: "User-Agent", value: "hq-edge")
        request.headers.add(name: "Accept-Language", value: "en")
        if let accept = asked.accept { request.headers.add(name: "Accept", value: accept) }
        if let body = asked.body {
            request.headers.add(name: "Content-Type", value: "application/jose+json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        do {
            let answer = try await client.execute(request, timeout: .seconds(ACMELimits.requestSeconds))
            let body = try await answer.body.collect(upTo: ACMELimits.answerBytes)
            var headers: [String: String] = [:]
            for (name, value) in answer.headers { headers[name.lowercased()] = value }
            return ACMEResponse(
                status: Int(answer.status.code), headers: headers, body: Array(body.readableBytesView))
        } catch {
            throw IssuanceError(ACMEClient.failure(asked.url, "\(error)"))
        }
    }

    private static func failure(_ url: String, _ error: String) -> Failure {
        let isTrust = error.contains("CERTIFICATE_VERIFY_FAILED")
        return Failure(
            .unavailable,
            isTrust
                ? "the authority at \(url) shows a certificate that nobody known has signed"
                : "the authority at \(url) does not answer",
            hint: isTrust
                ? "give the certificate of its own authority with --acme-trust"
                : "can this machine reach it?",
            context: ["error": error])
    }
}
