import Testing

@testable import Kernel

@Suite struct BytesTests {
    @Test func tellsNotSetFromEmpty() {
        #expect(!Bytes.notSet.isSet)
        #expect(Bytes.empty.isSet)
        #expect(Bytes("").isSet)
    }

    @Test(
        arguments: [("0", 0), ("42", 42), ("-7", -7), ("9223372036854775807", Int64.max)] as [(String, Int64)]
    )
    func readsDecimals(text: String, value: Int64) {
        #expect(text.withBytes { $0.decimal } == value)
    }

    @Test(arguments: ["", "-", "1x", "9223372036854775808", "99999999999999999999", " 1"])
    func refusesWhatIsNoDecimal(text: String) {
        #expect(text.withBytes { $0.decimal } == nil)
    }

    @Test func splitsIntoTrimmedParts() {
        var parts: [String] = []
        "a, b ,, \tc".withBytes { $0.forEachPart(separator: 0x2C) { parts.append($0.string) } }
        #expect(parts == ["a", "b", "c"])
    }

    @Test func comparesWithoutCase() {
        #expect(Bytes("Content-Type").equalsIgnoringCase("content-TYPE"))
        #expect(!Bytes("Content-Type").equalsIgnoringCase("content_type"))
        #expect(!Bytes("@").equalsIgnoringCase("`"))
    }
}

@Suite struct ArenaTests {
    @Test func keepsWhatItHandedOutWhenItGrows() {
        let arena = Arena(firstBlock: 16)
        let views = (0..<100).map { arena.copy("value \($0)") }
        #expect(views.enumerated().allSatisfy { $1.string == "value \($0)" })
        arena.reset()
        #expect(arena.byteCount == 0)
    }
}

@Suite struct ByteHashTests {
    @Test func dependsOnEveryByteAndTheSeed() {
        let hash = ByteHash(seed: 1)
        for length in [1, 3, 4, 7, 8, 15, 16, 17, 40] {
            var bytes = [UInt8](repeating: 65, count: length)
            let plain = bytes.withUnsafeBytes { hash(Bytes($0)) }
            #expect(bytes.withUnsafeBytes { ByteHash(seed: 2)(Bytes($0)) } != plain)
            for index in 0..<length where length != 3 || index != 1 || true {
                bytes[index] ^= 1
                #expect(bytes.withUnsafeBytes { hash(Bytes($0)) } != plain, "byte \(index) of \(length)")
                bytes[index] ^= 1
            }
        }
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [("64 KiB", 65536), ("10MB", 10_000_000), ("512", 512), ("1.5GiB", 1_610_612_736)])
    func readsSizes(text: String, bytes: Int) {
        #expect(ByteCount(parsing: text)?.bytes == bytes)
    }

    @Test(arguments: [("90s", 90.0), ("1h30m", 5400), ("2d", 172_800), ("250ms", 0.25)])
    func readsDurations(text: String, seconds: Double) {
        #expect(Duration(parsing: text)?.inSeconds == seconds)
    }

    @Test(arguments: ["", "5", "h", "5 parsecs", "-3s"])
    func refusesWhatIsNoDuration(text: String) {
        #expect(Duration(parsing: text) == nil)
    }

    @Test func saysDurationsBriefly() {
        #expect(Duration.seconds(200).brief == "3 min 20 s")
        #expect(Duration.milliseconds(850).brief == "850 ms")
        #expect(Duration.seconds(93600).brief == "1 d 2 h")
    }
}

@Suite struct IPAddressTests {
    @Test(
        arguments: [
            "", "1", "192.0.2", "192.0.2.256", "::g", "192.0.2.1\u{0}", " 192.0.2.1", "fe80::1%eth0",
            String(repeating: "1", count: 100),
        ])
    func readsNothingElse(text: String) {
        #expect(text.withBytes { IPAddress($0) } == nil)
    }

    @Test(arguments: ["192.0.2.1", "2001:db8::1", "::"])
    func roundTrips(text: String) {
        #expect(IPAddress(text)?.description == text)
        #expect(text.withBytes { IPAddress($0) }?.description == text)
    }

    @Test func matchesByPrefix() throws {
        let net = try #require(IPAddress("192.0.2.0"))
        #expect(try #require(IPAddress("192.0.2.77")).matches(net, bits: 24))
        #expect(try !#require(IPAddress("192.0.3.77")).matches(net, bits: 24))
        #expect(try !#require(IPAddress("2001:db8::1")).matches(net, bits: 0))
        let six = try #require(IPAddress("2001:db8::"))
        #expect(try #require(IPAddress("2001:db8:0:1::9")).matches(six, bits: 48))
    }
}

@Suite struct SuggestionTests {
    @Test func findsTheNearName() {
        #expect(nearest("req.ulr", among: ["req.url", "req.http.Host"]) == "req.url")
        #expect(nearest("zebra", among: ["req.url"]) == nil)
    }
}
