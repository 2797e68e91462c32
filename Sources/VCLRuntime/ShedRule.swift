package import Kernel

/// Only what the cache has is served: no request goes to a backend, save for what lies below some paths. An operator switches it
/// on and off while the edge runs.
package struct ShedRule: Sendable, Hashable, Codable {
    /// Beginnings of paths: `/donate` is `/donate`, what lies below it and what has a query behind it, and not `/donated`.
    package let except: [String]

    package init(except: [String] = []) { self.except = except }

    /// Whether a request for this target, in origin form or absolute, may go to a backend.
    package func exempts(_ target: Bytes) -> Bool {
        guard !except.isEmpty else { return false }
        let path = ShedRule.path(of: target)
        return except.contains { prefix in
            prefix.withBytes { prefix in
                guard path.count >= prefix.count, path.slice(0, prefix.count) == prefix else { return false }
                return path.count == prefix.count || prefix[prefix.count - 1] == 0x2F
                    || path[prefix.count] == 0x2F
            }
        }
    }

    private static func path(of target: Bytes) -> Bytes {
        var rest = target
        if !rest.isEmpty, rest[0] != 0x2F {
            // Behind the scheme and the host of an absolute URI.
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest.count > colon + 3,
                let slash = rest.slice(colon + 3, rest.count).firstIndex(of: 0x2F)
            else { return .empty }
            rest = rest.slice(colon + 3 + slash, rest.count)
        }
        return rest.slice(0, rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.count)
    }
}
