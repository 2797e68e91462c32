import Kernel

/// `url.normalize` (RFC 3986, section 6.2.2; RFC 9110, section 4.2.3). Whatever it does not understand stays as it is.
enum URLNormalization {
    static func run(_ url: Bytes, _ context: Context) -> Bytes {
        guard url.isSet, context.mayMake(url.count + 1) else { return .notSet }
        let whole = url.firstIndex(of: 0x23).map { url.slice(0, $0) } ?? url
        var writer = ArenaWriter(context.arena, room: url.count + 1)
        var rest = whole
        if whole.count == 0 || whole[0] != 0x2F {
            guard let after = authority(whole, &writer) else {
                _ = writer.finish()
                return url
            }
            rest = after
        }
        let query = rest.firstIndex(of: 0x3F) ?? rest.count
        path(rest.slice(0, query), &writer)
        writer.put(rest.slice(query, rest.count))
        return writer.finish()
    }

    /// Writes scheme and authority and gives what follows; nil when the URL has no HTTP authority without user.
    private static func authority(_ url: Bytes, _ writer: inout ArenaWriter) -> Bytes? {
        let secure = url.count >= 8 && url.slice(0, 8).equalsIgnoringCase("https://")
        guard secure || (url.count >= 7 && url.slice(0, 7).equalsIgnoringCase("http://")) else { return nil }
        let from = secure ? 8 : 7
        var end = from
        while end < url.count, url[end] != 0x2F, url[end] != 0x3F { end += 1 }
        var host = url.slice(from, end)
        guard host.count > 0, host.firstIndex(of: 0x40) == nil else { return nil }
        let close = host.lastIndex(of: 0x5D) ?? 0
        if let colon = host.lastIndex(of: 0x3A), colon >= close {
            let port = host.slice(colon + 1, host.count)
            guard port.count == 0 || port.decimal.map({ (0...65535).contains($0) }) == true else {
                return nil
            }
            if port.count == 0 || port == (secure ? "443" : "80") { host = host.slice(0, colon) }
        }
        writer.put(secure ? "https://" : "http://")
        for byte in host.buffer { writer.put(lowercased(byte)) }
        return url.slice(end, url.count)
    }

    private static func path(_ path: Bytes, _ writer: inout ArenaWriter) {
        let start = writer.count
        if path.count == 0 { return writer.put(0x2F) }
        var at = 0
        while at < path.count {
            let end = path.firstIndex(of: 0x2F, from: at + 1) ?? path.count
            let begin = writer.count
            segment(path.slice(at, end), &writer)
            // Dots are looked for once escapes are gone: "%2e%2e" is ".." too.
            if writer.holds("/.", from: begin) {
                writer.shorten(to: end < path.count ? begin : begin + 1)
            } else if writer.holds("/..", from: begin) {
                writer.shorten(to: begin)
                while writer.count > start, !writer.endsSegment { writer.shorten(to: writer.count - 1) }
                if writer.count > start { writer.shorten(to: writer.count - 1) }
                if end == path.count { writer.put(0x2F) }
            }
            at = end
        }
        if writer.count == start { writer.put(0x2F) }
    }

    private static func segment(_ part: Bytes, _ writer: inout ArenaWriter) {
        var at = 0
        while at < part.count {
            guard part[at] == 0x25, at + 2 < part.count, let high = Hex.value(part[at + 1]),
                let low = Hex.value(part[at + 2])
            else {
                writer.put(part[at])
                at += 1
                continue
            }
            let byte = high << 4 | low
            if Percent.isUnreserved(byte) {
                writer.put(byte)
            } else {
                writer.put(0x25)
                writer.put(Hex.upperDigit(high))
                writer.put(Hex.upperDigit(low))
            }
            at += 3
        }
    }
}

extension ArenaWriter {
    /// Whether exactly `literal` was written since `from`.
    fileprivate func holds(_ literal: StaticString, from: Int) -> Bool { written(from: from) == literal }

    /// Whether the last byte is the slash that begins a segment.
    fileprivate var endsSegment: Bool { count > 0 && written(from: count - 1) == "/" }
}
