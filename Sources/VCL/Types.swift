/// The types of VCL's values.
package enum ValueType: String, Sendable, CaseIterable {
    case string = "STRING", bool = "BOOL", integer = "INTEGER", float = "FLOAT", time = "TIME", rtime =
        "RTIME", ip = "IP"
    case acl = "ACL", backend = "BACKEND", table = "TABLE", regex = "REGEX", id = "ID", void = "VOID"
}

/// The predefined subroutines, in the order in which a request meets them.
package enum Scope: String, Sendable, CaseIterable {
    case recv, hash, hit, miss, pass, fetch, error, deliver, log

    package var subroutine: String { "vcl_" + rawValue }

    fileprivate var bit: UInt16 {
        switch self {
        case .recv: 1
        case .hash: 2
        case .hit: 4
        case .miss: 8
        case .pass: 16
        case .fetch: 32
        case .error: 64
        case .deliver: 128
        case .log: 256
        }
    }
}

/// A set of scopes.
package struct Scopes: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package init(_ scopes: Scope...) {
        rawValue = scopes.reduce(0) { $0 | $1.bit }
    }
    package init(_ scope: Scope) { rawValue = scope.bit }
    package static let all = Scopes(rawValue: 0x1FF)

    package var names: [String] { Scope.allCases.filter { contains(Scopes($0)) }.map(\.rawValue) }
}

/// What a subroutine may end with: `return(...)`, `error` and `restart`.
package enum Action: String, Sendable, CaseIterable {
    case lookup, pass, hash, deliver, fetch, error, restart, upgrade
    case deliverStale = "deliver_stale"

    /// In which states each may be returned; the first of a state is its default.
    package static let allowed: [Scope: [Action]] = [
        .recv: [.lookup, .pass, .error, .restart, .upgrade],
        .hash: [.hash],
        .hit: [.deliver, .pass, .error, .restart],
        .miss: [.fetch, .deliverStale, .pass, .error],
        .pass: [.pass, .error],
        .fetch: [.deliver, .deliverStale, .pass, .error, .restart],
        .error: [.deliver, .deliverStale, .restart],
        .deliver: [.deliver, .restart],
        .log: [.deliver],
    ]
}
