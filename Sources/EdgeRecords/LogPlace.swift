package import Kernel

/// Where lines of a log go, as options and the campaign file write it:
/// `PLACE[,format=json|combined|common][,clients=full|network|none]`, and for HTTP `,authorization=FILE`.
package struct LogPlace: Sendable, Hashable {
    package enum Destination: Sendable, Hashable {
        case file(String)
        case stdout
        case syslog(SyslogTransport)
        case http(String)
    }

    package enum SyslogTransport: Sendable, Hashable {
        case udp(HostPort), tcp(HostPort)
        /// A Unix socket, such as /dev/log.
        case socket(String)
    }

    package var destination: Destination
    package var format = RecordFormat.json
    package var clients = ClientShown.full
    /// A file whose first line is sent as Authorization.
    package var authorizationFile: String?

    package static let forms =
        "a file's path, stdout, syslog+udp://HOST:PORT, syslog+tcp://HOST:PORT, syslog+unix:/PATH, or http(s)://..."

    /// Throws `Failure(.usage)` with what was expected.
    package init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        destination = try LogPlace.destination(parts[0])
        for part in parts.dropFirst() { try take(part) }
        if authorizationFile != nil, case .http = destination {
        } else if authorizationFile != nil {
            throw Failure(.usage, "'authorization' belongs to http:// and https://, not to '\(parts[0])'")
        }
    }

    private static func destination(_ text: String) throws(Failure) -> Destination {
        if text == "stdout" || text == "-" { return .stdout }
        if let address = after("syslog+udp://", text) { return .syslog(.udp(try hostPort(address, 514))) }
        if let address = after("syslog+tcp://", text) { return .syslog(.tcp(try hostPort(address, 601))) }
        if let path = after("syslog+unix:", text), path.hasPrefix("/") { return .syslog(.socket(path)) }
        if after("http://", text) != nil || after("https://", text) != nil { return .http(text) }
        let path = after("file:", text) ?? text
        guard !path.isEmpty, !path.contains("://"), !path.hasPrefix("syslog"), !path.hasSuffix("/") else {
            throw Failure(.usage, "'\(text)' is no place for a log", hint: "use \(forms)")
        }
        return .file(path)
    }

    private static func after(_ prefix: String, _ text: String) -> String? {
        text.hasPrefix(prefix) && text.count > prefix.count ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func hostPort(_ text: String, _ port: Int) throws(Failure) -> HostPort {
        guard let address = HostPort(text) ?? HostPort("\(text):\(port)") else {
            throw Failure(.usage, "'\(text)' is no address", hint: "such as 127.0.0.1:\(port)")
        }
        return address
    }

    private mutating func take(_ option: String) throws(Failure) {
        let pair = option.split(separator: "=", maxSplits: 1).map(String.init)
        switch (pair.first ?? "", pair.count > 1 ? pair[1] : "") {
        case ("format", let value):
            guard let found = RecordFormat(rawValue: value) else {
                throw LogPlace.unknown("format", value, RecordFormat.allCases.map(\.rawValue))
            }
            format = found
        case ("clients", let value):
            guard let found = ClientShown(rawValue: value) else {
                throw LogPlace.unknown("clients", value, ClientShown.allCases.map(\.rawValue))
            }
            clients = found
        case ("authorization", let value) where !value.isEmpty: authorizationFile = value
        default:
            throw Failure(
                .usage, "a log's place has no option '\(option)'",
                hint: "format=json|combined|common, clients=full|network|none, authorization=FILE")
        }
    }

    private static func unknown(_ name: String, _ value: String, _ known: [String]) -> Failure {
        Failure(
            .usage, "there is no \(name) '\(value)'",
            hint: nearest(value, among: known).map { "did you mean '\($0)'?" }
                ?? "choose one of \(known.joined(separator: ", "))")
    }
}

extension LogPlace: CustomStringConvertible {
    /// For people and metrics. A URL's user, password and query are left out: they may be secrets.
    package var description: String {
        switch destination {
        case .file(let path): return path
        case .stdout: return "stdout"
        case .syslog(.udp(let address)): return "syslog+udp://\(address)"
        case .syslog(.tcp(let address)): return "syslog+tcp://\(address)"
        case .syslog(.socket(let path)): return "syslog+unix:\(path)"
        case .http(let url):
            let plain = url.prefix { $0 != "?" && $0 != "#" }
            guard let scheme = plain.firstRange(of: "://") else { return String(plain) }
            let rest = plain[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" }
            guard let at = authority.lastIndex(of: "@") else { return String(plain) }
            return String(plain[..<scheme.upperBound]) + String(rest[rest.index(after: at)...])
        }
    }
}
