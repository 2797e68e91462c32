import EdgeLink
import Kernel

// A table of fixed size that strangers fill. It is cut into sets of a few places; an address belongs to one set, and
// when that set is full the newcomer takes the place of the one counted least, of several such the one not seen for
// longest. A flood of addresses that nobody asks for twice thus turns over the places with a count of one, and
// whatever is asked for again before its turn comes, which anything heavier than the flood's share of one place is,
// stays. A newcomer starts at nothing rather than at the count that it displaced (as space-saving would have it): what is shown
// to people is at most too low, never invented.

/// Which addresses (host and path, without the query) one loop was asked for most in about the last minute. Confined to
/// its loop. Counting a known address reads a set's hashes, one cache line, and allocates nothing.
final class TopPaths {
    private struct Place {
        /// The sum of its windows.
        var total: UInt32 = 0
        /// The number of the latest count, to tell which place was not seen for longest.
        var seen: UInt32 = 0
        var hostBytes: UInt8 = 0
        var pathBytes: UInt8 = 0
    }

    private static var ways: Int { EdgeLimits.topPathWays }
    private static var places: Int { EdgeLimits.topPathSets * EdgeLimits.topPathWays }
    private static var windows: Int { EdgeLimits.topPathWindows }
    private static var nameBytes: Int { EdgeLimits.topPathHostBytes + EdgeLimits.topPathPathBytes }

    private let hashes: UnsafeMutablePointer<UInt64>
    private let table: UnsafeMutablePointer<Place>
    /// For each place the counts of its windows.
    private let counts: UnsafeMutablePointer<UInt32>
    private let names: UnsafeMutablePointer<UInt8>
    private var window = 0
    private var clock: UInt32 = 0

    init() {
        hashes = .allocate(capacity: TopPaths.places)
        hashes.initialize(repeating: 0, count: TopPaths.places)
        table = .allocate(capacity: TopPaths.places)
        table.initialize(repeating: Place(), count: TopPaths.places)
        counts = .allocate(capacity: TopPaths.places * TopPaths.windows)
        counts.initialize(repeating: 0, count: TopPaths.places * TopPaths.windows)
        names = .allocate(capacity: TopPaths.places * TopPaths.nameBytes)
    }

    deinit {
        hashes.deallocate()
        table.deallocate()
        counts.deallocate()
        names.deallocate()
    }

    // MARK: counting

    /// Counts one request. Returns what stands for its address from here on.
    @discardableResult
    func count(host: Bytes, target: Bytes) -> UInt64 {
        let path = target.withoutQuery
        let hash = ByteHash(seed: ByteHash.process(host))(path)
        let first = Int(truncatingIfNeeded: hash % UInt64(EdgeLimits.topPathSets)) * TopPaths.ways
        clock &+= 1
        for place in first..<first + TopPaths.ways where hashes[place] == hash {
            add(to: place)
            return hash
        }
        let place = least(from: first)
        take(place, hash, host, path)
        add(to: place)
        return hash
    }

    private func add(to place: Int) {
        counts[place * TopPaths.windows + window] &+= 1
        table[place].total &+= 1
        table[place].seen = clock
    }

    private func least(from first: Int) -> Int {
        var found = first
        for place in first + 1..<first + TopPaths.ways {
            let (mine, other) = (table[place], table[found])
            if mine.total < other.total
                || mine.total == other.total && clock &- mine.seen > clock &- other.seen
            {
                found = place
            }
        }
        return found
    }

    private func take(_ place: Int, _ hash: UInt64, _ host: Bytes, _ path: Bytes) {
        hashes[place] = hash
        (counts + place * TopPaths.windows).update(repeating: 0, count: TopPaths.windows)
        let hostBytes = min(host.count, EdgeLimits.topPathHostBytes)
        let pathBytes = min(path.count, EdgeLimits.topPathPathBytes)
        let name = names + place * TopPaths.nameBytes
        if let start = host.start { name.update(from: start, count: hostBytes) }
        if let start = path.start { (name + hostBytes).update(from: start, count: pathBytes) }
        table[place] = Place(hostBytes: UInt8(hostBytes), pathBytes: UInt8(pathBytes))
    }

    // MARK: time

    /// Begins the next window and forgets the oldest.
    func rotate() {
        window = (window + 1) % TopPaths.windows
        for place in 0..<TopPaths.places {
            let oldest = place * TopPaths.windows + window
            table[place].total &-= counts[oldest]
            counts[oldest] = 0
        }
    }

    // MARK: reading

    /// The addresses asked for most, the first one most of all.
    func most(_ limit: Int) -> [EdgeSample.TopPath] {
        let used = (0..<TopPaths.places).filter { table[$0].total > 0 }
        return used.sorted { table[$0].total > table[$1].total }.prefix(limit).map { place in
            let name = Bytes(start: names + place * TopPaths.nameBytes, count: TopPaths.nameBytes)
            let (host, path) = (Int(table[place].hostBytes), Int(table[place].pathBytes))
            return EdgeSample.TopPath(
                host: name.slice(0, host).string, path: name.slice(host, host + path).string,
                count: Int(table[place].total))
        }
    }
}
