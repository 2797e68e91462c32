import Kernel

/// The kinds of objects that a version holds: Fastly's fields with its defaults, in the types in which its reference has them.
extension ObjectKind {
    static let all: [ObjectKind] = [
        vcl, snippet, backend, director, healthcheck, domain, dictionary, acl, condition, header, gzip,
        cacheSettings, requestSettings, responseObject, rateLimiter, settings,
    ]

    private static let comment = ObjectField("comment", .text, "")

    static let vcl = ObjectKind(
        "vcl", "vcls", campaign: nil,
        [ObjectField("content", .text, "", required: true), ObjectField("main", .flag, false)])

    static let snippet = ObjectKind(
        "snippet", "snippets", versionIsText: true,
        [
            ObjectField("type", .text, "none", required: true), ObjectField("content", .text),
            ObjectField("priority", .numeral, "100"), ObjectField("dynamic", .digit, "0"),
        ])

    static let domain = ObjectKind("domain", "domains", campaign: "sites", [comment])

    static let dictionary = ObjectKind(
        "dictionary", "dictionaries", campaign: "dictionaries", [ObjectField("write_only", .flag, false)])

    static let acl = ObjectKind("acl", "acls", versionIsText: true, campaign: "dictionaries", [])

    static let backend = ObjectKind(
        "backend", "backends", campaign: "backends",
        [
            ObjectField("address", .text, "", required: true), ObjectField("port", .integer, 80),
            ObjectField("override_host", .text), ObjectField("use_ssl", .flag, false),
            ObjectField("ssl_check_cert", .flag, true), ObjectField("ssl_cert_hostname", .text),
            ObjectField("ssl_sni_hostname", .text), ObjectField("ssl_hostname", .text),
            ObjectField("ssl_ca_cert", .text), ObjectField("ssl_client_cert", .text),
            ObjectField("ssl_client_key", .secret), ObjectField("client_cert", .text),
            ObjectField("ssl_ciphers", .text), ObjectField("min_tls_version", .text),
            ObjectField("max_tls_version", .text), ObjectField("connect_timeout", .integer, 1000),
            ObjectField("first_byte_timeout", .integer, 15000),
            ObjectField("between_bytes_timeout", .integer, 10000), ObjectField("fetch_timeout", .integer, 0),
            ObjectField("max_conn", .integer, 200), ObjectField("max_use", .integer),
            ObjectField("max_lifetime", .integer), ObjectField("weight", .integer, 100),
            ObjectField("auto_loadbalance", .flag, false), ObjectField("healthcheck", .text),
            ObjectField("shield", .text), ObjectField("request_condition", .text, ""),
            ObjectField("share_key", .text), ObjectField("prefer_ipv6", .flag, false),
            ObjectField("keepalive_time", .integer), ObjectField("tcp_keepalive_enable", .flag),
            ObjectField("tcp_keepalive_interval", .integer), ObjectField("tcp_keepalive_probes", .integer),
            ObjectField("tcp_keepalive_time", .integer), comment,
        ])

    static let director = ObjectKind(
        "director", "directors",
        [
            ObjectField("type", .integer, 1), ObjectField("quorum", .integer, 75),
            ObjectField("retries", .integer, 5), ObjectField("capacity", .integer, 100),
            ObjectField("shield", .text), ObjectField("backends", .list, []), comment,
        ])

    static let healthcheck = ObjectKind(
        "healthcheck", "healthchecks",
        [
            ObjectField("method", .text, "HEAD"), ObjectField("path", .text, "/"),
            ObjectField("host", .text, "", required: true), ObjectField("http_version", .text, "1.1"),
            ObjectField("headers", .list, []), ObjectField("expected_response", .integer, 200),
            ObjectField("check_interval", .integer, 5000), ObjectField("timeout", .integer, 500),
            ObjectField("initial", .integer, 2), ObjectField("threshold", .integer, 3),
            ObjectField("window", .integer, 5), comment,
        ])

    static let condition = ObjectKind(
        "condition", "conditions", versionIsText: true,
        [
            ObjectField("type", .text, "REQUEST"), ObjectField("statement", .text, "", required: true),
            ObjectField("priority", .numeral, "100"), comment,
        ])

    static let header = ObjectKind(
        "header", "headers", versionIsText: true,
        [
            ObjectField("action", .text, "set", required: true),
            ObjectField("type", .text, "request", required: true),
            ObjectField("dst", .text, "", required: true), ObjectField("src", .text),
            ObjectField("regex", .text), ObjectField("substitution", .text),
            ObjectField("priority", .numeral, "100"), ObjectField("ignore_if_set", .digit, "0"),
            ObjectField("request_condition", .text), ObjectField("cache_condition", .text),
            ObjectField("response_condition", .text),
        ])

    static let gzip = ObjectKind(
        "gzip", "gzips", versionIsText: true,
        [
            ObjectField("content_types", .text), ObjectField("extensions", .text),
            ObjectField("cache_condition", .text),
        ])

    static let cacheSettings = ObjectKind(
        "cache_settings", "cache_settings", versionIsText: true,
        [
            ObjectField("action", .text), ObjectField("ttl", .numeral, omitted: true),
            ObjectField("stale_ttl", .numeral, omitted: true),
            ObjectField("cache_condition", .text),
        ])

    static let requestSettings = ObjectKind(
        "request_settings", "request_settings", versionIsText: true,
        [
            ObjectField("action", .text), ObjectField("force_miss", .digit, "0"),
            ObjectField("force_ssl", .digit, "0"), ObjectField("bypass_busy_wait", .digit, "0"),
            ObjectField("max_stale_age", .numeral), ObjectField("hash_keys", .text),
            ObjectField("xff", .text), ObjectField("timer_support", .digit, "0"),
            ObjectField("geo_headers", .digit, "0"), ObjectField("default_host", .text),
            ObjectField("request_condition", .text),
        ])

    static let responseObject = ObjectKind(
        "response_object", "response_objects", versionIsText: true,
        [
            ObjectField("status", .numeral, "200"), ObjectField("response", .text, "OK"),
            ObjectField("content", .text, ""), ObjectField("content_type", .text),
            ObjectField("request_condition", .text), ObjectField("cache_condition", .text),
        ])

    static let rateLimiter = ObjectKind(
        "rate-limiters", "rate_limiters",
        [
            ObjectField("action", .text, "response", required: true),
            ObjectField("rps_limit", .integer, 100, required: true),
            ObjectField("window_size", .integer, 60, required: true),
            ObjectField("penalty_box_duration", .integer, 1, required: true),
            ObjectField("client_key", .list, ["req.http.Fastly-Client-IP"], required: true),
            ObjectField("http_methods", .list, []), ObjectField("uri_dictionary_name", .text),
            ObjectField("response", .object), ObjectField("response_object_name", .text),
            ObjectField("logger_type", .text, omitted: true), ObjectField("feature_revision", .integer, 1),
        ])

    /// One of each version, without a name of its own.
    static let settings = ObjectKind(
        "settings", "settings",
        [
            ObjectField("general.default_host", .text, ""),
            ObjectField("general.default_ttl", .integer, 3600),
            ObjectField("general.stale_if_error", .flag, false),
            ObjectField("general.stale_if_error_ttl", .integer, 43200),
        ])
}
