import Kernel
import VCL

/// The built-in variables, a row each, in a file for each family. Names, types and scopes: Fastly's VCL reference,
/// variables. What only a CDN's network can know is read from `RequestFacts`, which the host supplies; without them each
/// row has the default that the manual documents, or else the empty string, 0 and false, and its summary says so.
package enum Variables {
    package static let byName: [String: Variable] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static let all: [Variable] = {
        let families: [[Variable]] = [
            request, requestURL, requestSettings, client, device, geo, legacyGeo, backendRequest,
            backendResponse,
            backendConnection, object, response, clientSocket, tls, quic, fastly, fastlyInfo, bot, time, now,
            server, service, segmentedCaching, waf, math,
        ]
        var rows: [Variable] = []
        rows.reserveCapacity(families.reduce(0) { $0 + $1.count })
        for family in families { rows += family }
        return rows
    }()

    /// The family to which `word` belongs, with the name that it holds.
    package static func pattern(of word: String) -> (pattern: VariablePattern, subject: String)? {
        for pattern in patterns {
            if let name = pattern.subjectName(in: word) { return (pattern, String(name)) }
        }
        return nil
    }

    /// A status that HTTP can carry; anything else is a broken program's and becomes 500.
    static func status(_ value: Int64) -> Int { value >= 100 && value <= 999 ? Int(value) : 500 }

    /// Text for a status line.
    static func line(_ context: Context, _ value: Bytes) -> Bytes {
        HeaderReference.clean(value, in: context.arena)
    }

    /// A method is a token (RFC 9110, section 5.6.2); what lies behind the first octet that is none is cut off, and
    /// nothing at all leaves the method as it was.
    static func method(_ value: Bytes, else old: Bytes) -> Bytes {
        guard let start = value.start else { return old }
        var end = 0
        while end < value.count, start[end] > 0x20, start[end] < 0x7F, start[end] != 0x3A { end += 1 }
        return end == 0 ? old : value.slice(0, end)
    }

    static func protocolName(minor: Int) -> Bytes { minor == 1 ? Bytes("HTTP/1.1") : Bytes("HTTP/1.0") }
}
