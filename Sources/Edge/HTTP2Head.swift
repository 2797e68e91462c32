import HTTP1
import Kernel
import NIOHPACK

/// A request's header block as the head that the same request has in HTTP/1.1. The strict parser of those
/// judges it then, and everything behind, the trials of the watch too, knows one kind of head.
struct HTTP2Head {
    private var method = ""
    private var path = ""
    private var authority: String?
    private var hosts: [String] = []
    private var cookies: [String] = []
    private var lines: [(name: String, value: String)] = []

    /// NIO has checked that names are in lower case, pseudo-headers are known, complete and in front, and no
    /// header is one that belongs to a connection (RFC 9113, section 8.2 and 8.3).
    init(_ block: HPACKHeaders) throws(HeadError) {
        for (name, value, _) in block {
            guard !HTTP2Head.endsLine(value), !HTTP2Head.endsLine(name) else { throw .malformedHeader }
            switch name {
            case ":method": method = value
            case ":path": path = value
            case ":authority": authority = value
            case ":scheme": break
            case "host": hosts.append(value)
            case "cookie": cookies.append(value)
            default: lines.append((name, value))
            }
        }
        // A tunnel has no path; whoever answers it with 405 needs something in its place.
        if method == "CONNECT" { path = authority ?? "" }
        // Two names for one host are two hosts to two readers.
        if let authority, hosts.contains(where: { $0 != authority }) { throw .malformedHeader }
        if hosts.count > 1 { throw .duplicateHost }
    }

    /// A line of our making must end where we end it.
    private static func endsLine(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
    }

    /// The head's bytes, in `arena`.
    func bytes(in arena: Arena) -> Bytes {
        var text = "\(method) \(path) HTTP/1.1\r\n"
        if let host = authority ?? hosts.first { text += "Host: \(host)\r\n" }
        for line in lines { text += "\(line.name): \(line.value)\r\n" }
        // Split into pieces for the compression's sake (RFC 9113, section 8.2.3).
        if !cookies.isEmpty { text += "Cookie: \(cookies.joined(separator: "; "))\r\n" }
        return arena.copy(text + "\r\n")
    }
}
