package import Kernel

/// Chooses one of many by their weights, in the same time however many there are (Vose's alias method).
package struct WeightedChoice: Sendable {
    private var shares: [Double]
    private var aliases: [Int32]

    /// - Parameter weights: at least one, none negative, not all zero.
    package init(_ weights: [Double]) {
        precondition(weights.contains { $0 > 0 }, "something must be there to choose")
        let count = weights.count
        let sum = weights.reduce(0, +)
        shares = weights.map { $0 / sum * Double(count) }
        aliases = (0..<count).map { Int32($0) }
        var small = shares.indices.filter { shares[$0] < 1 }
        var large = shares.indices.filter { shares[$0] >= 1 }
        while let less = small.popLast() {
            guard let more = large.popLast() else {
                shares[less] = 1
                continue
            }
            aliases[less] = Int32(more)
            shares[more] -= 1 - shares[less]
            if shares[more] < 1 { small.append(more) } else { large.append(more) }
        }
        for rest in large { shares[rest] = 1 }
    }

    package func pick(_ random: inout SeededRandom) -> Int {
        let bits = random.next()
        let index = Int(bits.multipliedFullWidth(by: UInt64(shares.count)).high)
        let share = Double(bits & 0xFFFF_FFFF) / 4_294_967_296
        return share < shares[index] ? index : Int(aliases[index])
    }
}
