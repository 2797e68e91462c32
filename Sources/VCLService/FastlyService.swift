import Kernel

/// Everything that a version of a Fastly service holds and that has a say in what its program does. Reads and
/// writes the API's JSON; `model()` makes of it what the compiler compiles.
package struct FastlyService: ServiceObject {
    package var id = ""
    package var name = ""
    package var version: Int?
    package var files: [VCLFile] = []
    package var snippets: [Snippet] = []
    package var backends: [Backend] = []
    package var directors: [Director] = []
    package var healthChecks: [HealthCheck] = []
    package var domains: [Domain] = []
    package var dictionaries: [Dictionary] = []
    package var acls: [ACL] = []
    package var conditions: [Condition] = []
    package var headers: [Header] = []
    package var gzips: [Gzip] = []
    package var cacheSettings: [CacheSetting] = []
    package var requestSettings: [RequestSetting] = []
    package var responseObjects: [ResponseObject] = []
    package var rateLimiters: [RateLimiter] = []
    package var logs: [LogEndpoint] = []
    package var settings = Settings()
    /// Whether a file that is the only one is the main one without saying so: true for folders, not for versions of a service,
    /// which have the standard program then.
    package var onlyFileIsMain = true

    package init() {}

    package static let fields: [ServiceField<FastlyService>] =
        [
            .text("id service_id", \.id), .text("name", \.name), .number("number version", \.version),
            .objects("vcls vcl", \.files), .objects("snippets snippet", \.snippets),
            .objects("backends backend", \.backends), .objects("directors director", \.directors),
            .objects("healthchecks healthcheck", \.healthChecks), .objects("domains domain", \.domains),
            .objects("dictionaries dictionary", \.dictionaries), .objects("acls acl", \.acls),
            .objects("conditions condition", \.conditions), .objects("headers header", \.headers),
            .objects("gzips gzip", \.gzips), .objects("cache_settings cache_setting", \.cacheSettings),
            .objects("request_settings request_setting", \.requestSettings),
            .objects("response_objects response_object", \.responseObjects),
            .objects("rate_limiters rate_limiter", \.rateLimiters), settingsField,
        ] + logFields

    private static let settingsField = ServiceField<FastlyService>(
        ["settings"], read: { try $2.settings.read($0, at: $1) }, write: { $0.settings.json })

    /// Each provider has a list of its own; what they log is written the same way.
    private static let logFields: [ServiceField<FastlyService>] = LogEndpoint.providers.map { provider in
        ServiceField(
            ["logging_" + provider, "logging_\(provider)s", provider == "s3" ? "s3s" : provider + "logging"],
            read: { value, place, service in
                guard case .array(let elements) = value else {
                    throw Failure.expected("a list", value, place)
                }
                for (index, element) in elements.enumerated() {
                    var endpoint = try LogEndpoint(element, at: place.child(index))
                    endpoint.provider = provider
                    service.logs.append(endpoint)
                }
            },
            write: { service in
                let own = service.logs.filter { $0.provider == provider }
                return own.isEmpty ? .null : .array(own.map(\.json))
            })
    }
}
