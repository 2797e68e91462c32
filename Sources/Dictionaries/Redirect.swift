import Kernel

/// An entry of a dictionary of redirects: from a path (or a whole address) to another, with a status of its own if it says one.
package struct Redirect: Sendable, Hashable {
    /// A path of the campaign's own sites, or an address elsewhere.
    package enum Place: Sendable, Hashable {
        case path(String)
        case address(String)
    }

    package let from: Place
    package let to: Place
    /// Nil when the program decides.
    package let status: Int?

    /// Statuses that lead elsewhere (RFC 9110, section 15.4).
    package static let statuses = [301, 302, 303, 307, 308]

    /// `key` is `/path` or `https://host/path`; `value` is a target, or a status, a space and a target.
    /// Throws `Failure(.invalid)`.
    package init(key: String, value: String, in dictionary: String) throws {
        guard let from = Redirect.place(key) else {
            throw Failure(
                .invalid, "\(dictionary): '\(key)' is no address to come from",
                hint: "write a path such as /debate, or a whole address: https://...")
        }
        var target = Substring(value)
        var status: Int?
        if let space = value.firstIndex(of: " "), let number = Int(value[..<space]) {
            guard Redirect.statuses.contains(number) else {
                throw Failure(
                    .invalid, "\(dictionary): \(key): \(number) is no status of a redirect",
                    hint: "one of \(Redirect.statuses.map(String.init).joined(separator: ", "))")
            }
            status = number
            target = value[value.index(after: space)...]
        }
        guard let to = Redirect.place(String(target)) else {
            throw Failure(
                .invalid, "\(dictionary): \(key) leads to '\(target)', which is no address",
                hint: "write a path such as /live, or a whole address: https://...")
        }
        (self.from, self.to, self.status) = (from, to, status)
    }

    private static func place(_ text: String) -> Place? {
        // What a browser would read as another thing than a person does is no address here.
        guard !text.isEmpty,
            !text.contains(where: { $0.isWhitespace || $0 == "\\" || $0 == "<" || $0 == ">" })
        else { return nil }
        if text.hasPrefix("/") { return text.hasPrefix("//") ? nil : .path(text) }
        for scheme in ["https://", "http://"] where text.lowercased().hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            return host.isEmpty || host.contains("@") ? nil : .address(text)
        }
        return nil
    }
}

extension Redirect.Place {
    package var text: String {
        switch self {
        case .path(let text), .address(let text): text
        }
    }

    /// The host of an address that is one of `hosts`, lower case, without its port; nil for a path, and for what lies elsewhere.
    package func host(among hosts: Set<String>) -> String? {
        guard case .address(let text) = self else { return nil }
        let host = String(text.drop { $0 != ":" }.dropFirst(3).prefix { !"/?#:".contains($0) }).lowercased()
        return hosts.contains(host) ? host : nil
    }

    /// What a dictionary's key would have to be to answer here, the narrowest first: the whole address, then the path. `host` is where
    /// the visitor is, nil for any. A query and a fragment choose no entry.
    package func keys(hosts: Set<String>, from host: String? = nil) -> [String] {
        let bare = String(text.prefix { $0 != "?" && $0 != "#" })
        guard case .address = self else {
            return (host.map { ["https://\($0)\(bare)", "http://\($0)\(bare)"] } ?? []) + [bare]
        }
        guard self.host(among: hosts) != nil else { return [bare] }
        let path = bare.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        return [bare, path.isEmpty ? "/" : String(path)]
    }
}
