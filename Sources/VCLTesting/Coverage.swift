import Diagnostics
package import VCLRuntime

/// Which statements and branches of a program ran, over any number of runs. A place is known by its file and offset.
package struct Coverage: Sendable {
    package struct Place: Sendable, Hashable {
        package let file: String
        package let kind: Site.Kind
        package let start: Int
        package let end: Int
        package let line: Int
        package let sub: String
    }

    package private(set) var hits: [Place: Int] = [:]

    package init() {}

    /// Adds what one run reached, and makes known what it did not. `counts` are by site; missing ones are zero. What lies in
    /// `file` is no part of the program.
    mutating func add(_ subs: ObservedSubs, _ counts: [UInt32], _ sources: SourceSet, leavingOut file: String)
    {
        for (index, site) in subs.sites.enumerated() {
            guard let place = Coverage.place(site, sources, leavingOut: file) else { continue }
            hits[place, default: 0] += index < counts.count ? Int(counts[index]) : 0
        }
    }

    package mutating func merge(_ other: Coverage) {
        hits.merge(other.hits) { $0 + $1 }
    }

    private static func place(_ site: Site, _ sources: SourceSet, leavingOut file: String) -> Place? {
        guard let source = sources.file(of: site.span), source.name != file else { return nil }
        return Place(
            file: source.name, kind: site.kind, start: site.span.start, end: site.span.end,
            line: source.position(of: site.span.start).line, sub: site.sub)
    }

    // MARK: figures

    package struct Share: Sendable, Hashable {
        package var reached = 0
        package var all = 0
        /// 0 to 100; 100 where there is nothing to reach.
        package var percent: Double { all == 0 ? 100 : Double(reached) * 100 / Double(all) }

        mutating func count(_ hit: Bool) {
            all += 1
            if hit { reached += 1 }
        }
    }

    package func statements(in file: String? = nil) -> Share { share(file) { $0.kind == .statement } }
    package func branches(in file: String? = nil) -> Share { share(file) { $0.kind != .statement } }

    private func share(_ file: String?, _ belongs: (Place) -> Bool) -> Share {
        var found = Share()
        for (place, count) in hits where belongs(place) && (file == nil || place.file == file) {
            found.count(count > 0)
        }
        return found
    }

    package var files: [String] { Set(hits.keys.map(\.file)).sorted() }

    /// How often each line that holds a statement ran; of several statements the one that ran least.
    package func lines(of file: String) -> [Int: Int] {
        var lines: [Int: Int] = [:]
        for (place, count) in hits where place.file == file && place.kind == .statement {
            lines[place.line] = min(lines[place.line] ?? .max, count)
        }
        return lines
    }
}
