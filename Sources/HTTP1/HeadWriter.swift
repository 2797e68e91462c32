package import Kernel

/// Writes heads straight into memory whose size was asked for before.
package enum HeadWriter {
    package static func size(of list: HeaderList) -> Int {
        list.fields.reduce(0) { $0 + $1.name.count + $1.value.count + 4 }
    }

    @discardableResult
    package static func write(_ bytes: Bytes, to at: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<
        UInt8
    > {
        guard let start = bytes.start else { return at }
        at.update(from: start, count: bytes.count)
        return at + bytes.count
    }

    package static func write(_ list: HeaderList, to start: UnsafeMutablePointer<UInt8>)
        -> UnsafeMutablePointer<UInt8>
    {
        var at = start
        for field in list.fields {
            at = write(field.name, to: at)
            at[0] = 0x3A
            at[1] = 0x20
            at = write(field.value, to: at + 2)
            at[0] = 0x0D
            at[1] = 0x0A
            at += 2
        }
        return at
    }

    /// The names of Connection's list and the hop-by-hop headers of RFC 9110, section 7.6.1, go no further than one hop.
    /// Not `listed` when the list's names went before.
    package static func removeHopByHop(_ list: inout HeaderList, listed: Bool = true) {
        if listed { removeConnectionOptions(&list) }
        for name in hopByHop where list.contains(name) { list.remove(name) }
    }

    /// Removes what Connection lists, on however many lines. A request's go as soon as it has arrived: later the list
    /// would name headers that a program has set since, and a client could have those taken out again.
    package static func removeConnectionOptions(_ list: inout HeaderList) {
        guard list.contains(.connection) else { return }
        // Found by its hash, so that a list of thousands costs no thousand passes; of two with the same hash, which only
        // an attacker makes, one is forgotten.
        var options: [UInt32: Bytes] = [:]
        for field in list.fields
        where field.hash == HeaderName.connection.hash && field.name.equalsIgnoringCase("Connection") {
            field.value.forEachPart(separator: UInt8(ascii: ",")) { option in
                // The two that almost all send name no header; Keep-Alive goes with the rest of the hop-by-hop ones.
                guard !option.equalsIgnoringCase("keep-alive"), !option.equalsIgnoringCase("close") else {
                    return
                }
                options[HeaderName.hash(option)] = option
            }
        }
        guard !options.isEmpty else { return }
        // Programs may look at what goes before the next hop in any case.
        for name in kept + hopByHop { options[name.hash] = nil }
        list.removeAll { options[$0.hash]?.equalsIgnoringCase($0.name) == true }
    }

    /// Whoever lists these would make us forget what the message needs.
    private static let kept: [HeaderName] = [.contentLength, .host]

    private static let hopByHop: [HeaderName] = [
        .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade,
        HeaderName("Proxy-Authorization"), HeaderName("Proxy-Authenticate"),
    ]

    /// The phrase of RFC 9110 for a status, for answers that bring none.
    package static func reason(_ status: Int) -> Bytes { reasons[status] ?? Bytes("Unknown") }

    private static let reasons: [Int: Bytes] = [
        100: Bytes("Continue"), 101: Bytes("Switching Protocols"), 200: Bytes("OK"), 201: Bytes("Created"),
        204: Bytes("No Content"),
        206: Bytes("Partial Content"),
        301: Bytes("Moved Permanently"), 302: Bytes("Found"), 303: Bytes("See Other"),
        304: Bytes("Not Modified"),
        307: Bytes("Temporary Redirect"), 308: Bytes("Permanent Redirect"), 400: Bytes("Bad Request"),
        401: Bytes("Unauthorized"),
        403: Bytes("Forbidden"), 404: Bytes("Not Found"), 405: Bytes("Method Not Allowed"),
        408: Bytes("Request Timeout"),
        410: Bytes("Gone"),
        413: Bytes("Content Too Large"), 414: Bytes("URI Too Long"), 416: Bytes("Range Not Satisfiable"),
        421: Bytes("Misdirected Request"),
        429: Bytes("Too Many Requests"), 431: Bytes("Request Header Fields Too Large"),
        451: Bytes("Unavailable For Legal Reasons"),
        500: Bytes("Internal Server Error"), 501: Bytes("Not Implemented"), 502: Bytes("Bad Gateway"),
        503: Bytes("Service Unavailable"), 504: Bytes("Gateway Timeout"),
        505: Bytes("HTTP Version Not Supported"),
    ]
}
