import Foundation
import Kernel
import VCLRuntime

/// What dictionaries of several sizes cost, from inside: `table-rates` prints lines of a name, a size and a figure. Look-ups in
/// nanoseconds, of keys drawn evenly from all and from a thousand that everybody asks for; how long one is made of its bytes, and
/// what memory it takes then; how long the change of one entry takes; an address's look-up in an access list.
@main
enum TableRates {
    static let sizes = [1000, 10_000, 100_000, 1_000_000]

    static func key(_ number: Int) -> String { "/campaign/page/\(number)" }

    static func block(_ count: Int) -> EntryBlock {
        EntryBlock(
            entries: (0..<count).lazy.map {
                (key: key($0), value: "https://www.example.org/landing/\($0)")
            })
    }

    static func seconds(_ work: () -> Void) -> Double {
        let began = ContinuousClock.now
        work()
        return began.duration(to: .now) / .seconds(1)
    }

    static func say(_ what: String, _ size: Int, _ figure: Double, _ unit: String) {
        print("\(what)\t\(size)\t\((figure * 100).rounded() / 100)\t\(unit)")
    }

    /// Resident memory of this process in bytes.
    static func resident() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
    }

    static func main() {
        for size in sizes {
            let before = resident()
            let block = block(size)
            var table: Table?
            let load = seconds { table = Table(name: "t", block) }
            guard let table else { continue }
            say("made of its bytes", size, load * 1000, "ms")
            say("memory", size, Double(resident() - before) / 1e6, "MB")
            lookups(table, size, "look-up")
            changes(table, size)
        }
        for size in [4, 100, 1000, 100_000] { addresses(size) }
    }

    static func lookups(_ table: Table, _ size: Int, _ name: String) {
        let rounds = 2_000_000
        for (kind, range) in [("evenly", size), ("a thousand", min(size, 1000))] {
            var random = SeededRandom(seed: 1)
            // Spread over the whole table, in an order that no cache foresees.
            let step = size / range
            let arena = Arena()
            let keys = (0..<rounds / 10).map { _ in
                arena.copy(key(Int.random(in: 0..<range, using: &random) * step))
            }
            var bytes = 0
            let spent = seconds {
                for _ in 0..<10 { for key in keys { bytes &+= table.lookup(key).count } }
            }
            precondition(bytes > 0)
            say("\(name), \(kind)", size, spent / Double(rounds) * 1e9, "ns")
        }
    }

    static func changes(_ table: Table, _ size: Int) {
        var random = SeededRandom(seed: 2)
        var table = table
        var times: [Double] = []
        for number in 0..<5000 {
            let key = key(Int.random(in: 0..<size, using: &random))
            times.append(
                seconds { table = table.setting([(key: key, value: "changed \(number)")], removing: []) })
        }
        times.sort()
        say("change, median", size, times[times.count / 2] * 1e6, "us")
        say("change, p99", size, times[times.count * 99 / 100] * 1e6, "us")
        say("change, longest", size, times[times.count - 1] * 1e6, "us")
        lookups(table, size, "look-up after 5,000 changes")
    }

    static func addresses(_ size: Int) {
        var random = SeededRandom(seed: 3)
        let entries = (0..<size).map { _ in
            AccessList.Entry(
                address: IPAddress(v4: UInt32.random(in: .min ... .max, using: &random)),
                bits: Int.random(in: 16...32, using: &random), negated: Bool.random(using: &random))
        }
        var list: AccessList?
        let made = seconds { list = AccessList(name: "l", entries: entries) }
        guard let list else { return }
        say("access list made", size, made * 1000, "ms")
        let asked = (0..<1024).map { _ in IPAddress(v4: UInt32.random(in: .min ... .max, using: &random)) }
        var held = 0
        let rounds = 2000
        let spent = seconds {
            for _ in 0..<rounds { for address in asked where list.contains(address) { held &+= 1 } }
        }
        precondition(held >= 0)
        say("access list", size, spent / Double(rounds * asked.count) * 1e9, "ns")
        // One after the other, as it was before.
        let ordered = entries.sorted { $0.bits > $1.bits }
        let few = size > 1000 ? 1 : 200
        let linear = seconds {
            for _ in 0..<few {
                for address in asked
                where ordered.first(where: { address.matches($0.address, bits: $0.bits) })?.negated == false {
                    held &+= 1
                }
            }
        }
        say("every entry looked at", size, linear / Double(few * asked.count) * 1e9, "ns")
    }
}
