import Kernel
import VCL

/// The built-in functions, a row each, in the groups of Fastly's VCL reference.
package enum Functions {
    package static let byName: [String: Function] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static let all: [Function] = groups.flatMap(\.self)

    private static let groups: [[Function]] = [
        strings, stringTests, replacements, escapes, unicode, numbers, addresses, tables, typedTables,
        headers, cookies, times, timeTexts, base64, digests, checksums, codes, passwords, ciphers,
        signatures, queries, queryFilters, negotiation, roundings, classifications, exponentials, angles,
        hyperbolics, randomness, identifiers, rates, edge,
    ]
}
