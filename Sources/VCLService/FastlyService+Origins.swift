import Kernel

extension FastlyService {
    /// A host that answers; `F_NAME` in programs. Times in milliseconds.
    package struct Backend: ServiceObject {
        package var name = ""
        package var address = ""
        package var port = 80
        package var overrideHost = ""
        package var usesTLS = false
        package var checksCertificate = true
        package var certificateHost = ""
        package var sniHost = ""
        package var caCertificate = ""
        package var clientCertificate = ""
        package var clientKey = ""
        package var ciphers = ""
        package var minTLSVersion = ""
        package var maxTLSVersion = ""
        package var connectTimeout = 1000
        package var firstByteTimeout = 15000
        package var betweenBytesTimeout = 10000
        package var maxConnections = 200
        package var weight = 100
        /// One of those that share the requests for which no other backend was chosen.
        package var balances = false
        package var healthCheck = ""
        package var shield = ""
        package var requestCondition = ""
        package var shareKey = ""
        package var prefersIPv6 = false
        /// Seconds.
        package var keepAliveTime = 0

        package init() {}

        package static let fields: [ServiceField<Backend>] = [
            .text("name", \.name), .text("address hostname ipv4 ipv6", \.address),
            .number("port", \.port, 1...65535), .text("override_host", \.overrideHost),
            .flag("use_ssl", \.usesTLS), .flag("ssl_check_cert", \.checksCertificate),
            .text("ssl_cert_hostname", \.certificateHost), .text("ssl_sni_hostname", \.sniHost),
            .text("ssl_ca_cert", \.caCertificate), .text("ssl_client_cert", \.clientCertificate),
            .text("ssl_client_key", \.clientKey), .text("ssl_ciphers", \.ciphers),
            .text("min_tls_version", \.minTLSVersion), .text("max_tls_version", \.maxTLSVersion),
            .number("connect_timeout", \.connectTimeout), .number("first_byte_timeout", \.firstByteTimeout),
            .number("between_bytes_timeout", \.betweenBytesTimeout), .number("max_conn", \.maxConnections),
            .number("weight", \.weight), .flag("auto_loadbalance", \.balances),
            .text("healthcheck", \.healthCheck), .text("shield", \.shield),
            .text("request_condition", \.requestCondition), .text("share_key", \.shareKey),
            .flag("prefer_ipv6", \.prefersIPv6), .number("keepalive_time", \.keepAliveTime),
        ]
    }

    /// A choice among backends.
    package struct Director: ServiceObject {
        package enum Kind: Int, Sendable, CaseIterable { case random = 1, roundRobin, hash, client }

        package var name = ""
        package var kind = Kind.random
        /// Percent of the members that must be healthy.
        package var quorum = 75
        package var retries = 5
        package var shield = ""
        package var backends: [String] = []

        package init() {}

        package static let fields: [ServiceField<Director>] = [
            .text("name", \.name), .code("type", \.kind), .number("quorum", \.quorum, 0...100),
            .number("retries", \.retries), .text("shield", \.shield), members,
        ]

        /// Names hold spaces, so that a text is one name; Terraform has none but lists.
        private static let members = ServiceField<Director>(
            ["backends"],
            read: { value, place, director in
                guard case .array(let elements) = value else {
                    throw Failure.expected("a list", value, place)
                }
                director.backends = try elements.enumerated().map { index, element in
                    guard let name = element.string ?? element["name"]?.string else {
                        throw Failure.expected("a backend's name", element, place.child(index))
                    }
                    return name
                }
            }, write: { .array($0.backends.map { .string($0) }) })
    }

    /// How a backend is asked whether it is well. Times in milliseconds.
    package struct HealthCheck: ServiceObject {
        package var name = ""
        package var method = "HEAD"
        package var path = "/"
        package var host = ""
        package var httpVersion = "1.1"
        package var headers: [String] = []
        package var expectedResponse = 200
        package var interval = 5000
        package var timeout = 500
        package var initial = 2
        package var threshold = 3
        package var window = 5

        package init() {}

        package static let fields: [ServiceField<HealthCheck>] = [
            .text("name", \.name), .text("method", \.method), .text("path", \.path), .text("host", \.host),
            .text("http_version", \.httpVersion), headerLines,
            .number("expected_response", \.expectedResponse), .number("check_interval", \.interval),
            .number("timeout", \.timeout), .number("initial", \.initial), .number("threshold", \.threshold),
            .number("window", \.window),
        ]

        private static let headerLines = ServiceField<HealthCheck>(
            ["headers"], read: { value, _, check in check.headers = value.elements.compactMap(\.string) },
            write: { .array($0.headers.map { .string($0) }) })
    }
}
