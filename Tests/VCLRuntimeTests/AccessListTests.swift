import Diagnostics
import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct AccessListTests {
    private func entry(_ text: String) throws -> AccessList.Entry {
        let negated = text.hasPrefix("!")
        let range = try #require(AddressRange(negated ? String(text.dropFirst()) : text))
        return AccessList.Entry(address: range.address, bits: range.bits, negated: negated)
    }

    private func list(_ entries: [String]) throws -> AccessList {
        AccessList(name: "l", entries: try entries.map(entry))
    }

    @Test(arguments: [
        (["192.0.2.0/24"], "192.0.2.0", true), (["192.0.2.0/24"], "192.0.2.255", true),
        (["192.0.2.0/24"], "192.0.3.0", false), (["192.0.2.0/24"], "192.0.1.255", false),
        (["192.0.2.77/24"], "192.0.2.3", true),
        (["192.0.2.0/24", "!192.0.2.7"], "192.0.2.7", false),
        (["192.0.2.0/24", "!192.0.2.7"], "192.0.2.8", true),
        (["!192.0.2.0/24", "192.0.2.7"], "192.0.2.7", true),
        (["!192.0.2.0/24", "192.0.2.7"], "192.0.2.6", false),
        (["10.0.0.0/8", "!10.1.0.0/16", "10.1.2.0/24"], "10.1.2.3", true),
        (["10.0.0.0/8", "!10.1.0.0/16", "10.1.2.0/24"], "10.1.3.3", false),
        (["0.0.0.0/0"], "255.255.255.255", true), (["255.255.255.255"], "255.255.255.255", true),
        (["255.255.255.255"], "0.0.0.0", false), (["0.0.0.0/0"], "2001:db8::1", false),
        (["::/0"], "192.0.2.1", false), (["::/0"], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
        (["2001:db8::/32", "!2001:db8::1"], "2001:db8::1", false),
        (["2001:db8::/32", "!2001:db8::1"], "2001:db8::2", true),
        (["2001:db8::/64"], "2001:db8:0:1::", false),
        (["2001:db8:0:0:8000::/65"], "2001:db8::8000:0:0:1", true), ([], "192.0.2.1", false),
        // The one that is given first counts.
        (["192.0.2.7", "!192.0.2.7"], "192.0.2.7", true), (["!192.0.2.7", "192.0.2.7"], "192.0.2.7", false),
    ])
    func holdsWhatTheLongestPrefixSays(_ entries: [String], _ address: String, _ isInside: Bool) throws {
        #expect(try list(entries).contains(#require(IPAddress(address))) == isInside)
    }

    /// The entry with the longest prefix, looked for in all.
    private func plain(_ entries: [AccessList.Entry], _ address: IPAddress) -> Bool {
        let fitting = entries.filter { address.matches($0.address, bits: $0.bits) }
        guard let longest = fitting.map(\.bits).max() else { return false }
        return fitting.first { $0.bits == longest }?.negated == false
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func agreesWithLookingAtEveryEntry(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        // Few bits that differ, so that entries lie within one another.
        func address() -> IPAddress {
            let low = UInt32.random(in: 0..<256, using: &random)
            if Bool.random(using: &random) { return IPAddress(v4: 0x0A00_0000 | low << 4) }
            return IPAddress(high: 0x2001_0DB8 << 32, low: UInt64(low) << 56 | UInt64(low & 3))
        }
        let entries = (0..<300).map { _ in
            let address = address()
            let most = address.isIPv4 ? 32 : 128
            return AccessList.Entry(
                address: address, bits: Int.random(in: most / 2 - 8...most, using: &random),
                negated: Bool.random(using: &random))
        }
        let list = AccessList(name: "l", entries: entries)
        for _ in 0..<3000 {
            let address = address()
            #expect(list.contains(address) == plain(entries, address), "\(address), seed \(seed)")
        }
        for entry in entries {
            #expect(list.contains(entry.address) == plain(entries, entry.address), "\(entry), seed \(seed)")
        }
    }

    @Test func isADictionaryOfAddressesToAProgram() throws {
        var model = ServiceModel()
        model.accessLists = ["blocked"]
        let compiler = Compiler(model: model)
        let program = try #require(
            compiler.compile(
                SourceFile(
                    name: "t.vcl",
                    text: """
                        table lists ACL { "b": blocked }
                        sub vcl_recv {
                          if (client.ip ~ blocked) { error 601; }
                          if (client.ip ~ table.lookup_acl(lists, "b", blocked)) { error 602; }
                        }
                        """)))
        let table = Table(
            name: "blocked",
            entries: [
                (key: "192.0.2.0/24", value: "a"), (key: "!192.0.2.9", value: ""),
                (key: "nonsense", value: ""),
            ])
        let first = Snapshot(number: 1, program: program, dictionaries: ["blocked": table])
        let context = Context(snapshot: first, random: SeededRandom(seed: 0))
        func flow(_ address: String, _ snapshot: Snapshot) -> Flow {
            context.reset(snapshot: snapshot)
            context.clientAddress = IPAddress(address)!
            return program.run(.recv, context)
        }
        #expect(flow("192.0.2.8", first) == .error)
        #expect(flow("192.0.2.9", first) == .next)
        let second = first.replacing(table.setting([], removing: ["!192.0.2.9"]), number: 2)
        #expect(second.program === program)
        #expect(flow("192.0.2.9", second) == .error)
        #expect(flow("192.0.2.9", first) == .next)
    }
}
