import Kernel

/// SHA-224 (FIPS 180-4), which the crypto package does not have: SHA-256's rounds from another start, without its last word.
enum SHA224 {
    private static let start: [UInt32] = [
        0xC105_9ED8, 0x367C_D507, 0x3070_DD17, 0xF70E_5939, 0xFFC0_0B31, 0x6858_1511, 0x64F9_8FA7,
        0xBEFA_4FA4,
    ]

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // The largest root with root^3 <= prime * 2^96, by bits from the top.
            var root: UInt64 = 0
            for bit in stride(from: 34, through: 0, by: -1) {
                let tried = root | 1 << UInt64(bit)
                let square = tried.multipliedFullWidth(by: tried)
                let low = square.low.multipliedFullWidth(by: tried)
                let (high, over) = square.high.multipliedReportingOverflow(by: tried)
                let (top, over2) = low.high.addingReportingOverflow(high)
                if !over, !over2, top < prime << 32 || (top == prime << 32 && low.low == 0) { root = tried }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }()

    static func hash(_ text: Bytes) -> [UInt8] {
        var state = start
        var message = text.array
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        let bits = UInt64(text.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        for block in stride(from: 0, to: message.count, by: 64) {
            compress(&state, message[block..<(block + 64)])
        }
        return state.prefix(7).flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    private static func compress(_ state: inout [UInt32], _ block: ArraySlice<UInt8>) {
        func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }
        var words = [UInt32](repeating: 0, count: 64)
        for index in 0..<16 {
            let at = block.startIndex + index * 4
            words[index] = block[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (a, b) = (words[index - 15], words[index - 2])
            let small = turned(a, 7) ^ turned(a, 18) ^ a >> 3
            let large = turned(b, 17) ^ turned(b, 19) ^ b >> 10
            words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
        }
        var s = state
        for index in 0..<64 {
            let sum = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)
            let choice = s[4] & s[5] ^ ~s[4] & s[6]
            let first = s[7] &+ sum &+ choice &+ constants[index] &+ words[index]
            let other = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)
            let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
            s = [first &+ other &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        for index in 0..<8 { state[index] &+= s[index] }
    }
}
