import Kernel

/// The part of the ESI language that Fastly has: `<esi:include src="..." onerror="continue"/>`, `<esi:remove>...</esi:remove>`,
/// `<esi:comment .../>` and `<!--esi ... -->`.
enum EdgeSideIncludes {
    /// Includes of one body; a page with more is a mistake, and the rest stays as it is.
    static let most = 100

    /// `fetch` gives the bytes of an address, or nil for one that cannot be had, which leaves nothing in its place.
    static func expand(_ body: [UInt8], depth: Int, _ fetch: (String) -> [UInt8]?) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        var count = 0
        let open = Array("<esi:".utf8)
        let comment = Array("<!--esi".utf8)
        while at < body.count {
            guard body[at] == UInt8(ascii: "<") else {
                out.append(body[at])
                at += 1
                continue
            }
            if body[at...].starts(with: comment), let end = find("-->", in: body, from: at) {
                out += expand(Array(body[(at + comment.count)..<end]), depth: depth, fetch)
                at = end + 3
            } else if body[at...].starts(with: open), let end = find(">", in: body, from: at), count < most {
                let tag = String(decoding: body[at...end], as: UTF8.self)
                at = end + 1
                if tag.hasPrefix("<esi:remove") {
                    at = find("</esi:remove>", in: body, from: at).map { $0 + 13 } ?? body.count
                } else if tag.hasPrefix("<esi:include"), let source = attribute("src", of: tag) {
                    count += 1
                    out += fetch(source) ?? []
                }
            } else {
                out.append(body[at])
                at += 1
            }
        }
        return out
    }

    private static func find(_ text: StaticString, in body: [UInt8], from start: Int) -> Int? {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard body.count >= wanted.count else { return nil }
        return (start...max(start, body.count - wanted.count)).first { body[$0...].starts(with: wanted) }
    }

    private static func attribute(_ name: String, of tag: String) -> String? {
        guard let start = tag.firstRange(of: name + "=\"") else { return nil }
        let value = tag[start.upperBound...].prefix { $0 != "\"" }
        return String(value).replacing("&amp;", with: "&")
    }
}
