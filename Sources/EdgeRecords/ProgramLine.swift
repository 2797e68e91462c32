package import Kernel

/// A line that a program logs, taken apart as Fastly does: `log "syslog " req.service_id " NAME :: MESSAGE"` goes to
/// the endpoint NAME (https://www.fastly.com/documentation/reference/vcl/statements/log). What has no such head goes to
/// no named endpoint.
package struct ProgramLine {
    package let endpoint: Bytes
    /// The id of the service whose program logged it; empty when the line names none.
    package let service: Bytes
    package let message: Bytes

    /// The service's number, which stands between "syslog " and the name, may be empty.
    package init(_ line: Bytes) {
        guard line.hasPrefix("syslog "),
            let separator = line.firstIndex(of: Bytes(" :: ")) ?? ProgramLine.end(line)
        else {
            (endpoint, message, service) = (.empty, line, .empty)
            return
        }
        let head = line.slice(7, max(7, separator))
        let space = head.firstIndex(of: 0x20) ?? head.count
        service = head.slice(0, space)
        endpoint = head.slice(min(space + 1, head.count), head.count).trimmed
        message = line.slice(min(separator + 4, line.count), line.count)
    }

    /// Whether it goes to the endpoint that is configured under this name: `NAME`, of whatever program, or `ID/NAME` of one service.
    package func goes(to name: Bytes) -> Bool {
        if endpoint == name { return !endpoint.isEmpty }
        guard !service.isEmpty, name.count == service.count + 1 + endpoint.count, name.hasPrefix(service),
            name.hasSuffix(endpoint)
        else { return false }
        return name[service.count] == UInt8(ascii: "/")
    }

    /// An empty message may come without the space behind the colons.
    private static func end(_ line: Bytes) -> Int? {
        line.hasSuffix(Bytes(" ::")) ? line.count - 3 : nil
    }
}
