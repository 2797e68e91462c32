import Diagnostics
import VCL

extension Expansion {
    // MARK: fetch

    mutating func fetch() -> [SourceFile] {
        var pieces = headers([.fetch, .cache])
        pieces += service.gzips.map {
            Piece(name: "gzip \"\($0.name)\"", code: code($0), condition: $0.cacheCondition)
        }
        pieces += statuses.filter { !$0.object.cacheCondition.isEmpty }.map { object, status in
            Piece(
                name: "response object \"\(object.name)\"", code: "error \(status) \"Fastly Internal\";\n",
                condition: object.cacheCondition)
        }
        pieces += service.cacheSettings.map {
            Piece(name: "cache setting \"\($0.name)\"", code: code($0), condition: $0.cacheCondition)
        }
        var first = service.settings.serveStaleIfError ? MacroText.staleIfError : ""
        if service.settings.serveStaleIfError {
            first += "set beresp.stale_if_error = \(service.settings.staleIfErrorTTL)s;\n"
        }
        return [generated(.fetch, first + MacroText.fetch)] + snippets(.fetch) + grouped(pieces)
    }

    private func code(_ setting: FastlyService.CacheSetting) -> String {
        var lines: [String] = []
        if let ttl = setting.ttl { lines.append("set beresp.ttl = \(ttl)s;") }
        if let stale = setting.staleTTL { lines.append("set beresp.grace = \(stale)s;") }
        switch setting.action {
        case .none: break
        case .pass: lines.append("return(pass);")
        case .deliver, .cache: lines.append("return(deliver);")
        case .restart: lines.append("restart;")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func code(_ gzip: FastlyService.Gzip) -> String {
        let own = !gzip.contentTypes.isEmpty || !gzip.extensions.isEmpty
        let types = own ? gzip.contentTypes : Expansion.compressibleTypes
        let extensions = own ? gzip.extensions : Expansion.compressibleExtensions
        var tests: [String] = []
        if !types.isEmpty {
            let list = types.map { Expansion.quotedPattern($0) }.joined(separator: "|")
            tests.append("beresp.http.Content-Type ~ \"^(?:\(list))\\s*(?:$|;)\"")
        }
        if !extensions.isEmpty {
            let list = extensions.map { Expansion.quotedPattern($0) }.joined(separator: "|")
            tests.append("req.url ~ \"\\.(?:\(list))(?:$|\\?)\"")
        }
        return """
            if ((beresp.status == 200 || beresp.status == 404) && (\(tests.joined(separator: " || ")))) {
              if (!beresp.http.Vary ~ "Accept-Encoding") {
                set beresp.http.Vary = if(beresp.http.Vary, beresp.http.Vary ", ", "") "Accept-Encoding";
              }
              if (req.http.Accept-Encoding == "gzip") { set beresp.gzip = true; }
            }

            """
    }

    /// The text as a pattern that matches it alone.
    private static func quotedPattern(_ text: String) -> String {
        text.map { ".+*?()[]{}^$|\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    static let compressibleTypes: [String] = [
        "text/html", "application/x-javascript", "text/css", "application/javascript", "text/javascript",
        "application/json", "application/vnd.ms-fontobject", "application/x-font-opentype",
        "application/x-font-truetype", "application/x-font-ttf", "application/xml", "font/eot",
        "font/opentype", "font/otf", "image/svg+xml", "image/vnd.microsoft.icon", "text/plain", "text/xml",
    ]
    static let compressibleExtensions: [String] = [
        "css", "js", "html", "eot", "ico", "otf", "ttf", "json", "svg",
    ]

    // MARK: error

    func error() -> [SourceFile] {
        let stale =
            service.settings.serveStaleIfError
            ? "if (obj.status >= 500 && obj.status < 600 && stale.exists) { return(deliver_stale); }\n" : ""
        let limiters = service.rateLimiters.filter { $0.action == .response }.map { limiter in
            SourceFile(
                name: "rate limiter \"\(limiter.name)\"",
                text: """
                    if (obj.status == \(Expansion.limitedStatus)
                        && obj.response == \(VCLText.short(Expansion.reason(limiter)))) {
                      set obj.status = \(limiter.response.status);
                      set obj.response = "Too Many Requests";
                      set obj.http.Content-Type = \(VCLText.short(limiter.response.contentType));
                      synthetic \(VCLText.string(limiter.response.content));
                      return(deliver);
                    }

                    """)
        }
        let objects = statuses.map { object, status in
            let type =
                object.contentType.isEmpty
                ? "" : "  set obj.http.Content-Type = \(VCLText.short(object.contentType));\n"
            return SourceFile(
                name: "response object \"\(object.name)\"",
                text: """
                    if (obj.status == \(status)) {
                    \(type)  synthetic \(VCLText.string(object.content));
                      return(deliver);
                    }

                    """)
        }
        return [generated(.error, stale + MacroText.forcedTLS)] + snippets(.error) + limiters + objects
            + [generated(.error, MacroText.error)]
    }

    // MARK: deliver and log

    mutating func deliver() -> [SourceFile] {
        let pieces = headers([.response])
        // An answer that the edge made leaves vcl_error under its internal status, as at Fastly.
        let answers = statuses.map { object, status in
            SourceFile(
                name: "response object \"\(object.name)\"",
                text: """
                    if (resp.status == \(status)) {
                      set resp.status = \(object.status);
                      set resp.response = \(VCLText.short(object.response));
                    }

                    """)
        }
        let always = pieces.filter(\.condition.isEmpty)
        let sometimes = pieces.filter { !$0.condition.isEmpty }
        return [generated(.deliver, MacroText.deliver)] + snippets(.deliver) + grouped(always) + answers
            + grouped(sometimes) + logLines(version: 1)
    }

    mutating func log() -> [SourceFile] { snippets(.log) + logLines(version: 2) }

    private mutating func logLines(version: Int) -> [SourceFile] {
        let own = service.logs.filter { $0.formatVersion == version && $0.placement == .standard }
        return grouped(
            own.map { endpoint in
                let start = "\"syslog \" req.service_id \(VCLText.string(" \(endpoint.name) :: "))"
                return Piece(
                    name: "log endpoint \"\(endpoint.name)\"",
                    code: "log \(start) \(LogFormat.expression(endpoint.format));\n",
                    condition: endpoint.responseCondition)
            })
    }
}
