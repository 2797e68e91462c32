extension Bytes {
    /// The path of a request's target, in origin form or absolute, without its query.
    package var pathOfTarget: Bytes {
        var rest = self
        if !rest.isEmpty, rest[0] != 0x2F {
            // Behind the scheme and the host of an absolute URI.
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest.count > colon + 3,
                let slash = rest.slice(colon + 3, rest.count).firstIndex(of: 0x2F)
            else { return .empty }
            rest = rest.slice(colon + 3 + slash, rest.count)
        }
        return rest.slice(0, rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.count)
    }

    /// Whether this path is one of `prefixes` or lies below it: `/donate/now` below `/donate`, and not `/donated`.
    package func liesBelow(_ prefixes: [String]) -> Bool {
        prefixes.contains { prefix in
            prefix.withBytes { prefix in
                guard !prefix.isEmpty, count >= prefix.count, slice(0, prefix.count) == prefix else {
                    return false
                }
                return count == prefix.count || prefix[prefix.count - 1] == 0x2F || self[prefix.count] == 0x2F
            }
        }
    }
}
