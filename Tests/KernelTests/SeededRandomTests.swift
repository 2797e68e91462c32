import Testing

@testable import Kernel

@Suite struct SeededRandomTests {
    @Test func repeatsItselfForTheSameSeed() {
        var (a, b, c) = (SeededRandom(seed: 7), SeededRandom(seed: 7), SeededRandom(seed: 8))
        let (first, second, third) = (
            (0..<100).map { _ in a.next() }, (0..<100).map { _ in b.next() }, (0..<100).map { _ in c.next() }
        )
        #expect(first == second)
        #expect(first != third)
        #expect(Set(first).count == 100)
    }

    /// The first block of twelve rounds under a key of zeros, from the published test vectors of ChaCha12 with 256 bits.
    @Test func isChaCha() {
        var random = SeededRandom(seed: 0)
        let words = (0..<8).map { _ in random.next() }
        #expect(words[0] == 0x53F9_5507_6A9A_F49B)
    }

    @Test func spreadsItsNumbersEvenly() {
        var random = SeededRandom(seed: 1)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { counts[Int.random(in: 0..<10, using: &random)] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
    }
}
