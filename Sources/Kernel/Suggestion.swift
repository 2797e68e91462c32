/// The candidate that a person most likely meant by `name`, or nil when none is near: at most a third of the
/// letters may differ (Damerau-Levenshtein: a swap of neighbours counts as one).
package func nearest(_ name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().utf8)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
        let bytes = Array(candidate.lowercased().utf8)
        let bound = max(1, min(wanted.count, bytes.count) / 3)
        guard abs(bytes.count - wanted.count) <= bound else { continue }
        let distance = editDistance(wanted, bytes)
        guard distance <= bound, distance < best?.distance ?? .max else { continue }
        best = (distance, candidate)
    }
    return best?.name
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows: [[Int]] = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    for i in 1...a.count {
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            var best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                best = min(best, rows[i - 2][j - 2] + 1)
            }
            rows[i][j] = best
        }
    }
    return rows[a.count][b.count]
}
