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

    /// The state whose subroutine has this name.
    package init?(subroutine name: String) {
        guard name.hasPrefix("vcl_") else { return nil }
        self.init(rawValue: String(name.dropFirst(4)))
    }

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
    /// The standard library's own goes through a generic sequence: a microsecond for each `[]`, most of what the table of
    /// variables cost.
    package init(arrayLiteral sets: Scopes...) { rawValue = sets.reduce(0) { $0 | $1.rawValue } }
    package static let all = Scopes(rawValue: 0x1FF)

    package var names: [String] { Scope.allCases.filter { contains(Scopes($0)) }.map(\.rawValue) }
}

/// What a subroutine may end with: `return(...)`, `error` and `restart`.
package enum Action: String, Sendable, CaseIterable {
    case lookup, pass, hash, deliver, fetch, error, restart, upgrade
    case deliverStale = "deliver_stale"

    /// What a state may return; the first is its default.
    package static func allowed(in scope: Scope) -> [Action] {
        switch scope {
        case .recv: [.lookup, .pass, .error, .restart, .upgrade]
        case .hash: [.hash]
        case .hit: [.deliver, .pass, .error, .restart]
        case .miss: [.fetch, .deliverStale, .pass, .error]
        case .pass: [.pass, .error]
        case .fetch: [.deliver, .deliverStale, .pass, .error, .restart]
        case .error: [.deliver, .deliverStale, .restart]
        case .deliver: [.deliver, .restart]
        case .log: [.deliver]
        }
    }
}
