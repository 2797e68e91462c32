import HTTP1
import Kernel
import VCL

extension Variables {
    private static let told = Scopes(.recv, .hash, .deliver, .log)

    static let fastly: [Variable] = [
        Variable(
            "fastly.error", .all, .string { $0.lastError },
            unset: {
                $0.lastError = .notSet
                return .next
            }, "The name of the latest mistake of a function, such as EPARSENUM; not set before one."),
        Variable(
            "fastly.ddos_detected", told, .bool { $0.facts?.bot?.isFlood ?? false },
            "Whether the request counts as part of an attack; false where the host does not say."),
        Variable(
            "fastly.is_staging", .all, .bool { $0.facts?.service?.isStaging ?? false },
            "Whether the program runs in a staging environment; false where the host does not say."),
        Variable(
            "fastly.ff.visits_this_service", .all, .integer { Int64($0.visits) },
            "Edges of this service that the request passed before; 0 where none shields another."
        ),
        Variable(
            "fastly.ff.visits_this_pop", .all, .integer { _ in 0 },
            "Edges of this place that the request passed before; 0, for an HQ edge is one node."),
        Variable(
            "fastly.ff.visits_this_pop_this_service", Scopes(.miss), .integer { _ in 0 },
            "Edges of this service in this place that the request passed before; 0, for an HQ edge is one node."
        ),
    ]

    static let fastlyInfo: [Variable] = [
        Variable(
            "fastly_info.state", .all, .string { $0.stateName },
            "How the request is being answered, such as HIT, MISS, PASS, HIT-STALE or ERROR."),
        Variable(
            "fastly_info.host_header", .all, .string { $0.originalHost },
            "The Host header as the client sent it, whatever the program made of it."),
        Variable(
            "fastly_info.request_id", told,
            .string { Format.integer(Int64(truncatingIfNeeded: $0.requestID >> 1), in: $0.arena) },
            "The number of this request, the same as req.xid."),
        Variable(
            "fastly_info.version", .all, .string { _ in .empty },
            "The version of the cache's software; empty, for HQ tells nobody its version."),
        Variable(
            "fastly_info.edge.is_tls", .all, .bool { $0.isTLS },
            "Whether the connection between the client and the first edge uses TLS."),
        Variable(
            "fastly_info.is_h2", .all, .bool { $0.facts?.http?.major == 2 },
            "Whether the client speaks HTTP/2."),
        Variable(
            "fastly_info.is_h3", .all, .bool { $0.facts?.http?.major == 3 },
            "Whether the client speaks HTTP/3."),
        Variable(
            "fastly_info.h2.is_push", told, .bool { $0.facts?.http?.isPush ?? false },
            "Whether this request is a push of HTTP/2."),
        Variable(
            "fastly_info.h2.stream_id", told, .integer { $0.facts?.http?.streamID ?? 0 },
            "The number of the HTTP/2 stream; 0 for other protocols."),
        Variable(
            "fastly_info.h2.fingerprint", .all, .string { $0.fact($0.facts?.http?.fingerprint) },
            "The fingerprint of the client's HTTP/2 settings; empty where the host does not say."),
        Variable(
            "fastly_info.oh_fingerprint", .all, .string { $0.fact($0.facts?.http?.headerFingerprint) },
            "The fingerprint of the names and order of the headers; empty where the host does not say."),
        Variable(
            "fastly_info.is_cluster_edge", Scopes(.deliver), .bool { _ in false },
            "Whether another node of the same place fetched; false, for an HQ edge is one node."),
        Variable(
            "fastly_info.is_cluster_shield", Scopes(.miss, .fetch), .bool { _ in false },
            "Whether this node fetches for another of the same place; false, for an HQ edge is one node."),
    ]

    /// Without a bot detection at the host, false and empty.
    static let bot: [Variable] = [
        Variable(
            "fastly.bot.analyzed", told, .bool { $0.facts?.bot != nil },
            "Whether a bot detection looked at the request."),
        Variable(
            "fastly.bot.detected", told, .bool { $0.facts?.bot?.category != nil },
            "Whether the bot detection found a bot."),
        Variable(
            "fastly.bot.name", told, .string { $0.fact($0.facts?.bot?.name) },
            "The name of the bot that was found; empty for none."),
        Variable(
            "fastly.bot.category", told, .string { $0.fact($0.facts?.bot?.category?.rawValue) },
            "The kind of bot that was found, such as SEARCH-ENGINE-CRAWLER; empty for none."),
        Variable(
            "fastly.bot.category.is_verified", told, .bool { $0.facts?.bot?.isVerified ?? false },
            "Whether the bot proved to be what it says."),
        botCategory("accessibility", .accessibility, "Whether a tool for accessibility asks."),
        botCategory("ai_crawler", .aiCrawler, "Whether a crawler that gathers for language models asks."),
        botCategory("ai_fetcher", .aiFetcher, "Whether a language model asks for its user."),
        botCategory("content_fetcher", .contentFetcher, "Whether a tool that takes over content asks."),
        botCategory("monitoring_and_site_tools", .monitoring, "Whether a monitor or a site tool asks."),
        botCategory("online_marketing", .marketing, "Whether a tool for marketing asks."),
        botCategory("page_preview", .pagePreview, "Whether a service that shows previews of pages asks."),
        botCategory("platform_integrations", .platform, "Whether a platform that the site uses asks."),
        botCategory("research", .research, "Whether a research project asks."),
        botCategory("search_engine_crawler", .searchCrawler, "Whether a search engine's crawler asks."),
        botCategory(
            "search_engine_optimization", .searchOptimization,
            "Whether a tool that works on search ranks asks."),
        botCategory("security_tools", .security, "Whether a tool that looks for weaknesses asks."),
    ]

    private static func botCategory(
        _ name: String, _ category: BotFacts.Category, _ summary: String
    ) -> Variable {
        Variable(
            "fastly.bot.category.is_" + name, told, .bool { $0.facts?.bot?.category == category }, summary)
    }
}

extension Context {
    /// An answer of vcl_error that is no error counts as a hit.
    fileprivate var stateName: Bytes {
        if state == .error, obj.status < 400 { return Bytes(CacheState.synthetic.name) }
        return Bytes(state.name)
    }

    fileprivate var originalHost: Bytes {
        if let host = usedExtras?.originalHost, host.isSet { return host }
        return req.headers[.host]
    }
}
