/// What is offered without looking at a program: the language's own words, with places to fill in.
enum CompletionTexts {
    static let declarations: [Completion] = [
        Completion("sub", .snippet, "a subroutine", snippet: "sub ${1:name} {\n  $0\n}"),
        Completion(
            "acl", .snippet, "a list of addresses",
            snippet: "acl ${1:name} {\n  \"${2:192.0.2.0}\"/${3:24};\n}"),
        Completion(
            "backend", .snippet, "a host that answers",
            snippet: "backend ${1:name} {\n  .host = \"${2:127.0.0.1}\";\n  .port = \"${3:80}\";\n}"),
        Completion(
            "director", .snippet, "a choice among backends",
            snippet: "director ${1:name} ${2:random} {\n  { .backend = ${3:backend}; .weight = 1; }\n}"),
        Completion(
            "table", .snippet, "keys and values",
            snippet: "table ${1:name} {\n  \"${2:key}\": \"${3:value}\",\n}"),
        Completion("penaltybox", .snippet, "who is limited", snippet: "penaltybox ${1:name} { }"),
        Completion("ratecounter", .snippet, "a counter of requests", snippet: "ratecounter ${1:name} { }"),
        Completion("include", .snippet, "another file", snippet: "include \"${1:file}\";"),
        Completion("import", .keyword),
    ]

    static let statements: [Completion] = [
        Completion("set", .keyword, rank: 3), Completion("unset", .keyword, rank: 3),
        Completion("add", .keyword, rank: 3), Completion("call", .keyword, rank: 3),
        Completion("log", .keyword, rank: 3), Completion("synthetic", .keyword, rank: 3),
        Completion("synthetic.base64", .keyword, rank: 3), Completion("goto", .keyword, rank: 3),
        Completion("esi", .snippet, snippet: "esi;", rank: 3),
        Completion("restart", .snippet, snippet: "restart;", rank: 3),
        Completion("break", .snippet, snippet: "break;", rank: 3),
        Completion("fallthrough", .snippet, snippet: "fallthrough;", rank: 3),
        Completion(
            "declare", .snippet, "a local variable", snippet: "declare local var.${1:name} ${2:STRING};",
            rank: 3),
        Completion("error", .snippet, "jump to vcl_error", snippet: "error ${1:601} \"${2:text}\";", rank: 3),
        Completion("return", .snippet, "end this state", snippet: "return(${1:state});", rank: 3),
        Completion("if", .snippet, snippet: "if (${1:condition}) {\n  $0\n}", rank: 3),
        Completion("else", .snippet, snippet: "else {\n  $0\n}", rank: 3),
        Completion(
            "switch", .snippet, snippet: "switch (${1:value}) {\n  case \"${2:a}\":\n    $0\n    break;\n}",
            rank: 3),
        Completion("include", .snippet, "another file", snippet: "include \"${1:file}\";", rank: 3),
    ]

    static let directors: [Completion] = [
        Completion("random", .keyword, "by weight"),
        Completion("fallback", .keyword, "the first that is healthy"),
        Completion("hash", .keyword, "by the cache key"),
        Completion("client", .keyword, "by client.identity"),
        Completion("chash", .keyword, "by consistent hashing"), Completion("shield", .keyword, "by shield"),
    ]

    static let directorProperties: [Completion] = [
        Completion(".backend", .property, "a member's backend"),
        Completion(".weight", .property, "a member's share"),
        Completion(".id", .property, "a member's name for chash"),
        Completion(".quorum", .property, "the share that must be healthy"),
        Completion(".retries", .property, "tries to find one that is healthy"),
        Completion(".key", .property, "object or client, for chash"),
        Completion(".seed", .property, "for chash"),
        Completion(".vnodes_per_node", .property, "for chash"),
        Completion(".shield", .property, "a shield's name"),
        Completion(".is_ssl", .property, "for shields"),
    ]

    static let backendProperties: [Completion] = [
        Completion(".host", .property, "a name or an address"),
        Completion(".port", .property, "80 by default"),
        Completion(".host_header", .property, "sent as Host"),
        Completion(".always_use_host_header", .property, "BOOL"),
        Completion(".connect_timeout", .property, "1s by default"),
        Completion(".first_byte_timeout", .property, "15s by default"),
        Completion(".between_bytes_timeout", .property, "10s by default"),
        Completion(".max_connections", .property, "200 by default"),
        Completion(".probe", .property, "asks for its health"),
        Completion(".ssl", .property, "BOOL"), Completion(".ssl_check_cert", .property, "always or never"),
        Completion(".ssl_cert_hostname", .property, "the name in its certificate"),
        Completion(".ssl_sni_hostname", .property, "the name to ask for"),
        Completion(".min_tls_version", .property), Completion(".max_tls_version", .property),
        Completion(".share_key", .property), Completion(".dynamic", .property, "BOOL"),
        Completion(".request", .property, "of a probe: the lines to send"),
        Completion(".expected_response", .property, "of a probe: the status"),
        Completion(".interval", .property, "of a probe: between two tries"),
        Completion(".timeout", .property, "of a probe: of one try"),
        Completion(".window", .property, "of a probe: tries that count"),
        Completion(".threshold", .property, "of a probe: good ones among them"),
        Completion(".initial", .property, "of a probe: good ones at the start"),
        Completion(".dummy", .property, "of a probe: BOOL"),
    ]

    /// Properties whose value is true or false.
    static let truths: Set<String> = [".ssl", ".dynamic", ".always_use_host_header", ".is_ssl", ".dummy"]
}
