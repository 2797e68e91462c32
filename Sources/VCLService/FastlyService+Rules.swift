import Kernel

extension FastlyService {
    /// When other objects of the service apply.
    package struct Condition: ServiceObject {
        package enum Kind: String, Sendable, CaseIterable { case request, cache, response, prefetch }

        package var name = ""
        package var kind = Kind.request
        /// An expression of VCL.
        package var statement = ""
        /// The smaller the earlier.
        package var priority = 100

        package init() {}
        package init(name: String, _ kind: Kind, _ statement: String, priority: Int = 100) {
            (self.name, self.kind, self.statement, self.priority) = (name, kind, statement, priority)
        }

        package static let fields: [ServiceField<Condition>] = [
            .text("name", \.name), kindField, .text("statement", \.statement),
            .number("priority", \.priority),
        ]

        /// The API writes the types of conditions, and nothing else, in capitals.
        private static let kindField: ServiceField<Condition> = {
            let plain = ServiceField<Condition>.choice("type", \.kind)
            return ServiceField(
                plain.names, read: plain.read, write: { .string($0.kind.rawValue.uppercased()) })
        }()
    }

    /// A change of a header, or of any other variable of the request, the backend's response or the client's.
    package struct Header: ServiceObject {
        package enum Action: String, Sendable, CaseIterable {
            case set, append, delete, regex, regexRepeat = "regex_repeat"
        }
        package enum Kind: String, Sendable, CaseIterable { case request, fetch, cache, response }

        package var name = ""
        package var action = Action.set
        package var kind = Kind.request
        package var destination = ""
        /// An expression of VCL.
        package var source = ""
        package var regex = ""
        package var substitution = ""
        package var priority = 100
        package var ignoresIfSet = false
        package var requestCondition = ""
        package var cacheCondition = ""
        package var responseCondition = ""

        package init() {}
        package static let fields: [ServiceField<Header>] = [
            .text("name", \.name), .choice("action", \.action), .choice("type", \.kind),
            .text("dst destination", \.destination), .text("src source", \.source), .text("regex", \.regex),
            .text("substitution", \.substitution), .number("priority", \.priority),
            .flag("ignore_if_set", \.ignoresIfSet), .text("request_condition", \.requestCondition),
            .text("cache_condition", \.cacheCondition), .text("response_condition", \.responseCondition),
        ]
    }

    /// Which responses are compressed.
    package struct Gzip: ServiceObject {
        package var name = ""
        /// Those of Fastly's list when both lists are empty.
        package var contentTypes: [String] = []
        package var extensions: [String] = []
        package var cacheCondition = ""

        package init() {}
        package static let fields: [ServiceField<Gzip>] = [
            .text("name", \.name), .words("content_types", \.contentTypes, joined: " "),
            .words("extensions", \.extensions, joined: " "), .text("cache_condition", \.cacheCondition),
        ]
    }

    package struct CacheSetting: ServiceObject {
        package enum Action: String, Sendable, CaseIterable { case none = "", pass, deliver, restart, cache }

        package var name = ""
        package var action = Action.none
        /// Seconds; the response's own lifetime when nil.
        package var ttl: Int?
        /// Seconds behind its lifetime during which it may still be served.
        package var staleTTL: Int?
        package var cacheCondition = ""

        package init() {}
        package static let fields: [ServiceField<CacheSetting>] = [
            .text("name", \.name), .choice("action", \.action), .number("ttl", \.ttl),
            .number("stale_ttl", \.staleTTL), .text("cache_condition", \.cacheCondition),
        ]
    }

    package struct RequestSetting: ServiceObject {
        package enum Action: String, Sendable, CaseIterable { case none = "", lookup, pass }
        package enum ForwardedFor: String, Sendable, CaseIterable {
            case none = "", clear, leave, append, appendAll = "append_all", overwrite
        }

        package var name = ""
        package var action = Action.none
        package var forcesMiss = false
        package var forcesTLS = false
        package var bypassesBusyWait = false
        /// Seconds.
        package var maxStaleAge: Int?
        /// Variables that make up the cache key.
        package var hashKeys: [String] = []
        package var forwardedFor = ForwardedFor.none
        package var timerSupport = false
        package var geoHeaders = false
        package var defaultHost = ""
        package var requestCondition = ""

        package init() {}
        package static let fields: [ServiceField<RequestSetting>] = [
            .text("name", \.name), .choice("action", \.action), .flag("force_miss", \.forcesMiss),
            .flag("force_ssl", \.forcesTLS), .flag("bypass_busy_wait", \.bypassesBusyWait),
            .number("max_stale_age", \.maxStaleAge), .words("hash_keys", \.hashKeys, joined: ","),
            .choice("xff", \.forwardedFor), .flag("timer_support", \.timerSupport),
            .flag("geo_headers", \.geoHeaders), .text("default_host", \.defaultHost),
            .text("request_condition", \.requestCondition),
        ]
    }

    /// An answer that the edge makes itself.
    package struct ResponseObject: ServiceObject {
        package var name = ""
        package var status = 200
        package var response = "OK"
        package var content = ""
        package var contentType = ""
        package var requestCondition = ""
        package var cacheCondition = ""

        package init() {}
        package static let fields: [ServiceField<ResponseObject>] = [
            .text("name", \.name), .number("status", \.status, 100...999), .text("response", \.response),
            .text("content", \.content), .text("content_type", \.contentType),
            .text("request_condition", \.requestCondition), .text("cache_condition", \.cacheCondition),
        ]
    }

    /// Where log lines go, and what stands in them.
    package struct LogEndpoint: ServiceObject {
        package enum Placement: String, Sendable, CaseIterable {
            case standard = "", none, wafDebug = "waf_debug"
        }

        /// The member of the API's and Terraform's lists, without `logging_`.
        package var provider = "syslog"
        package var name = ""
        package var format = "%h %l %u %t \"%r\" %>s %b"
        /// 1 logs in vcl_deliver, 2 in vcl_log.
        package var formatVersion = 2
        package var placement = Placement.standard
        package var responseCondition = ""

        package init() {}
        package static let fields: [ServiceField<LogEndpoint>] = [
            .text("name", \.name), .text("format", \.format),
            .number("format_version", \.formatVersion, 1...2), .choice("placement", \.placement),
            .text("response_condition", \.responseCondition),
        ]

        package static let providers: [String] = [
            "azureblob", "bigquery", "blobstorage", "cloudfiles", "datadog", "digitalocean", "elasticsearch",
            "ftp", "gcs", "googlepubsub", "grafanacloudlogs", "heroku", "honeycomb", "https", "kafka",
            "kinesis", "logentries", "loggly", "logshuttle", "newrelic", "newrelicotlp", "openstack",
            "papertrail", "s3", "scalyr", "sftp", "splunk", "sumologic", "syslog",
        ]
    }
}
