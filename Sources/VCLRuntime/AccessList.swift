package import Kernel

/// An ACL: the entry with the longest prefix that fits decides, whatever the order; `!` turns it into a no.
///
/// Kept as the borders at which membership changes, in order: an address is in the list when an odd number of borders lies at or
/// before it. A look-up halves the borders, so that thousands of entries take a few steps more than three.
package final class AccessList: Sendable {
    package struct Entry: Sendable {
        package let address: IPAddress
        package let bits: Int
        package let negated: Bool
        package init(address: IPAddress, bits: Int, negated: Bool) {
            self.address = address
            self.bits = bits
            self.negated = negated
        }
    }

    package let name: String
    /// The dictionary that it was made of; nil for one that a program declares.
    package let source: Table?
    /// Borders of the entries of IPv4, and of IPv6; neither kind of entry holds an address of the other.
    private let narrow: [UInt32]
    private let wide: [WideAddress]

    package init(name: String, entries: [Entry], source: Table? = nil) {
        self.name = name
        self.source = source
        narrow = AccessList.borders(
            entries.filter(\.address.isIPv4).map { entry in
                let mask: UInt32 = entry.bits <= 0 ? 0 : .max << UInt32(32 - min(entry.bits, 32))
                let first = UInt32(truncatingIfNeeded: entry.address.low) & mask
                return Block(first: first, last: first | ~mask, bits: entry.bits, negated: entry.negated)
            })
        wide = AccessList.borders(
            entries.filter { !$0.address.isIPv4 }.map { entry in
                let mask = WideAddress(mask: entry.bits)
                let first = WideAddress(
                    high: entry.address.high & mask.high, low: entry.address.low & mask.low)
                let last = WideAddress(high: first.high | ~mask.high, low: first.low | ~mask.low)
                return Block(first: first, last: last, bits: entry.bits, negated: entry.negated)
            })
    }

    /// The entries of a dictionary: its keys are addresses and networks, with a `!` before those that are exceptions. A key that
    /// is neither holds nothing.
    package convenience init(_ table: Table) {
        var entries: [Entry] = []
        entries.reserveCapacity(table.count)
        table.forEach { key, _ in
            let negated = key.count > 0 && key[0] == UInt8(ascii: "!")
            guard let range = AddressRange(key.slice(negated ? 1 : 0, key.count).string) else { return }
            entries.append(Entry(address: range.address, bits: range.bits, negated: negated))
        }
        self.init(name: table.name, entries: entries, source: table)
    }

    package func contains(_ address: IPAddress) -> Bool {
        if address.isIPv4 { return AccessList.isInside(UInt32(truncatingIfNeeded: address.low), narrow) }
        return AccessList.isInside(WideAddress(high: address.high, low: address.low), wide)
    }

    @inline(__always)
    private static func isInside<Place: Comparable>(_ place: Place, _ borders: [Place]) -> Bool {
        borders.withUnsafeBufferPointer { borders in
            var (low, high) = (0, borders.count)
            while low < high {
                let middle = (low &+ high) >> 1
                if borders[middle] <= place { low = middle &+ 1 } else { high = middle }
            }
            return low & 1 == 1
        }
    }

    // MARK: building

    /// Addresses that an entry names, from the first to the last.
    private struct Block<Place: Comparable> {
        let first: Place
        let last: Place
        let bits: Int
        let negated: Bool
    }

    /// Two blocks either lie apart or one lies in the other, so that one walk with a stack of those around it suffices. Of two
    /// that are the same the one given first counts.
    private static func borders<Place: AddressPlace>(_ blocks: [Block<Place>]) -> [Place] {
        let ordered = blocks.enumerated().sorted { one, other in
            (one.element.first, one.element.bits, one.offset)
                < (other.element.first, other.element.bits, other.offset)
        }.map(\.element)
        var borders: [Place] = []
        var around: [Block<Place>] = []
        func mark(_ place: Place, _ isMember: Bool) {
            // What began at the same place is overruled by what lies inside of it.
            if borders.last == place { borders.removeLast() }
            if (borders.count & 1 == 1) != isMember { borders.append(place) }
        }
        func leave() {
            let left = around.removeLast()
            if let next = left.last.next { mark(next, around.last.map { !$0.negated } ?? false) }
        }
        for block in ordered {
            while let outer = around.last, outer.last < block.first { leave() }
            if let same = around.last, same.first == block.first, same.bits == block.bits { continue }
            mark(block.first, !block.negated)
            around.append(block)
        }
        while !around.isEmpty { leave() }
        return borders
    }
}

/// A number that an address is.
private protocol AddressPlace: Comparable {
    /// Nil for the last one.
    var next: Self? { get }
}

extension UInt32: AddressPlace {
    fileprivate var next: UInt32? { self == .max ? nil : self + 1 }
}

/// An address of IPv6 as a number.
private struct WideAddress: AddressPlace {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The mask of so many bits.
    init(mask bits: Int) {
        high = bits <= 0 ? 0 : .max << UInt64(64 - min(bits, 64))
        low = bits <= 64 ? 0 : .max << UInt64(128 - min(bits, 128))
    }

    static func < (one: WideAddress, other: WideAddress) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }

    var next: WideAddress? {
        let (sum, over) = low.addingReportingOverflow(1)
        guard over else { return WideAddress(high: high, low: sum) }
        return high == .max ? nil : WideAddress(high: high + 1, low: 0)
    }
}
