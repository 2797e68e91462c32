/// Random numbers that follow from a seed: ChaCha (RFC 8439, section 2.3) with 12 rounds over a counter. Whoever runs an
/// engine draws the seed from the system, tests give a number; visitors who see some of the output cannot tell the rest.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: (SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>)
    private var block = SIMD8<UInt64>()
    private var used = 8

    /// The same seed gives the same numbers for ever: for tests, and for what must repeat.
    package init(seed: UInt64) { self.init(key: (seed, 0, 0, 0)) }

    /// A key of 256 bits. Not from any generator: one that is handed over by value would give the same key twice.
    package init(drawingFrom source: SystemRandomNumberGenerator) {
        var source = source
        self.init(key: (source.next(), source.next(), source.next(), source.next()))
    }

    private init(key: (UInt64, UInt64, UInt64, UInt64)) {
        func halves(_ a: UInt64, _ b: UInt64) -> SIMD4<UInt32> {
            SIMD4(
                UInt32(truncatingIfNeeded: a), UInt32(truncatingIfNeeded: a >> 32),
                UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: b >> 32))
        }
        state = (
            SIMD4(0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574), halves(key.0, key.1),
            halves(key.2, key.3), SIMD4()
        )
    }

    package mutating func next() -> UInt64 {
        if used == 8 { refill() }
        used += 1
        return block[used - 1]
    }

    private mutating func refill() {
        var (a, b, c, d) = state
        for _ in 0..<6 {
            SeededRandom.quarters(&a, &b, &c, &d)
            (b, c, d) = (turned(b, 1), turned(c, 2), turned(d, 3))
            SeededRandom.quarters(&a, &b, &c, &d)
            (b, c, d) = (turned(b, 3), turned(c, 2), turned(d, 1))
        }
        let rows: [SIMD4<UInt32>] = [a &+ state.0, b &+ state.1, c &+ state.2, d &+ state.3]
        for (index, row) in rows.enumerated() {
            block[index * 2] = UInt64(row[0]) | UInt64(row[1]) << 32
            block[index * 2 + 1] = UInt64(row[2]) | UInt64(row[3]) << 32
        }
        used = 0
        state.3[0] &+= 1
        if state.3[0] == 0 { state.3[1] &+= 1 }
    }

    private static func quarters(
        _ a: inout SIMD4<UInt32>, _ b: inout SIMD4<UInt32>, _ c: inout SIMD4<UInt32>,
        _ d: inout SIMD4<UInt32>
    ) {
        func rotated(_ value: SIMD4<UInt32>, _ bits: UInt32) -> SIMD4<UInt32> {
            value &<< SIMD4(repeating: bits) | value &>> SIMD4(repeating: 32 - bits)
        }
        a &+= b
        d = rotated(d ^ a, 16)
        c &+= d
        b = rotated(b ^ c, 12)
        a &+= b
        d = rotated(d ^ a, 8)
        c &+= d
        b = rotated(b ^ c, 7)
    }

    private func turned(_ row: SIMD4<UInt32>, _ by: Int) -> SIMD4<UInt32> {
        SIMD4(row[by & 3], row[(by + 1) & 3], row[(by + 2) & 3], row[(by + 3) & 3])
    }
}

/// What makers of random input ask for.
extension SeededRandom {
    /// From 0 up to `bound`, which it never is; 0 when there is nothing to choose from.
    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }
    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    package mutating func pick<Element>(_ all: [Element]) -> Element { all[below(all.count)] }
}
