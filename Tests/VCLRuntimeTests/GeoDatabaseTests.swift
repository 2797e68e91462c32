import Kernel
import Testing

@testable import VCLRuntime

@Suite struct GeoDatabaseTests {
    private static let city = GeoValue.map([
        "city": .map(["names": .map(["en": .text("Zürich"), "de": .text("Zürich")])]),
        "continent": .map(["code": .text("EU")]),
        "country": .map(["iso_code": .text("CH"), "names": .map(["en": .text("Switzerland")])]),
        "location": .map(["latitude": .number(47.5), "longitude": .number(8.25), "metro_code": .integer(501)]
        ),
        "postal": .map(["code": .text("8001")]),
        "subdivisions": .list([.map(["iso_code": .text("ZH")]), .map(["iso_code": .text("no")])]),
        "traits": .map([
            "autonomous_system_number": .integer(64500),
            "autonomous_system_organization": .text("Example Net"), "connection_type": .text("Cable/DSL"),
        ]),
    ])

    private static let networks: [GeoDatabaseWriter.Network] = [
        .init(address: "81.2.69.128", bits: 26, value: city),
        .init(address: "2001:4860::", bits: 32, value: .map(["country": .map(["iso_code": .text("US")])])),
        .init(address: "5.0.0.0", bits: 8, value: .map(["autonomous_system_number": .integer(5)])),
    ]

    @Test(arguments: [24, 28, 32]) func findsAddressesInTreesOfEverySize(bits: Int) throws {
        let database = try GeoDatabase(GeoDatabaseWriter(recordBits: bits, Self.networks).bytes)
        #expect(database.kind == "Test-City")
        let record = try #require(database.record(of: IPAddress("81.2.69.142")!))
        #expect(record.city == "Zürich" && record.continentCode == "EU" && record.countryCode == "CH")
        #expect(record.countryName == "Switzerland" && record.region == "ZH" && record.postalCode == "8001")
        #expect(record.latitude == 47.5 && record.longitude == 8.25 && record.metroCode == 501)
        #expect(record.networkNumber == 64500 && record.networkName == "Example Net")
        #expect(record.connectionType == "Cable/DSL")
        #expect(database.record(of: IPAddress("81.2.69.191")!)?.countryCode == "CH")
        #expect(database.record(of: IPAddress("81.2.69.192")!) == nil)
        #expect(database.record(of: IPAddress("2001:4860:1::1")!)?.countryCode == "US")
        #expect(database.record(of: IPAddress("2001:4861::")!) == nil)
        #expect(database.record(of: IPAddress("5.6.7.8")!)?.networkNumber == 5)
    }

    @Test func findsAddressesInATreeOfIPv4() throws {
        let writer = GeoDatabaseWriter(recordBits: 24, isIPv6: false, [Self.networks[0], Self.networks[2]])
        let database = try GeoDatabase(writer.bytes)
        #expect(database.record(of: IPAddress("81.2.69.142")!)?.city == "Zürich")
        #expect(database.record(of: IPAddress("2001:4860::1")!) == nil)
    }

    @Test func followsPointersAndReadsLongTexts() throws {
        let long = String(repeating: "x", count: 70_000)
        let value = GeoValue.map(["postal": .map(["code": .text(long)]), "city": .map(["names": .map([:])])])
        let writer = GeoDatabaseWriter(
            recordBits: 32, sharesTexts: true,
            [.init(address: "1.0.0.0", bits: 8, value: value), Self.networks[0]])
        let database = try GeoDatabase(writer.bytes)
        #expect(database.record(of: IPAddress("1.2.3.4")!)?.postalCode == long)
        #expect(database.record(of: IPAddress("81.2.69.142")!)?.countryName == "Switzerland")
    }

    @Test func refusesWhatIsNoDatabase() {
        #expect(throws: GeoDatabase.Mistake.self) { try GeoDatabase([]) }
        #expect(throws: GeoDatabase.Mistake.self) {
            try GeoDatabase([UInt8](repeating: 0xAB, count: 500_000))
        }
        let good = GeoDatabaseWriter(recordBits: 24, Self.networks)
        #expect(throws: GeoDatabase.Mistake.self) { try GeoDatabase(good.bytes.suffix(400)) }
        let other = GeoDatabaseWriter(recordBits: 24, version: 3, Self.networks)
        #expect(throws: GeoDatabase.Mistake(message: "only version 2 of the MaxMind format is understood")) {
            try GeoDatabase(other.bytes)
        }
    }

    /// Nothing may trap, whatever stands in the file: bytes of a small database are broken in turn, in several ways.
    @Test func survivesBrokenBytes() {
        let good = GeoDatabaseWriter(recordBits: 28, sharesTexts: true, Self.networks).bytes
        let addresses = ["81.2.69.142", "2001:4860::1", "5.1.1.1", "255.255.255.255"].map { IPAddress($0)! }
        var read = 0
        for index in good.indices where index % 3 == 0 || index > good.count - 150 {
            for value in [0x00, 0xFF, 0x3F, good[index] ^ 0x80, good[index] ^ 0x01] as [UInt8] {
                var bytes = good
                bytes[index] = value
                guard let database = try? GeoDatabase(bytes) else { continue }
                for address in addresses where database.record(of: address) != nil { read += 1 }
            }
        }
        #expect(read > 0)
        for length in stride(from: 0, to: good.count, by: 5) {
            _ = try? GeoDatabase(Array(good.prefix(length)))
        }
    }

    @Test func boundsNestingAndLoops() {
        // A map whose member is itself: {"a": pointer to the map}.
        var decoder = GeoDecoder([0xE1, 0x41, 0x61, 0x20, 0x00], section: 0..<5)
        #expect(decoder.value(at: 0) == nil)
        // A pointer to a pointer.
        decoder = GeoDecoder([0x20, 0x02, 0x20, 0x00], section: 0..<4)
        #expect(decoder.value(at: 0) == nil)
        // A list of 65,821 and more items that are not there.
        decoder = GeoDecoder([0x1F, 0x04, 0xFF, 0xFF, 0xFF], section: 0..<5)
        #expect(decoder.value(at: 0) == nil)
        // Numbers: -1 of 32 bits, 2 of 16 bits, true.
        decoder = GeoDecoder([0x04, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xA1, 0x02, 0x01, 0x07], section: 0..<10)
        #expect(decoder.value(at: 0) == .integer(-1))
        #expect(decoder.value(at: 6) == .integer(2))
        #expect(decoder.value(at: 8) == .integer(1))
    }

    @Test func foldsNames() {
        #expect(GeoText.ascii("São Tomé, Łódź, Straße, Zürich, 東") == "sao tome, lodz, strasse, zurich, ?")
        #expect(
            GeoText.latin1("Zürich Łódź") == [
                0x5A, 0xFC, 0x72, 0x69, 0x63, 0x68, 0x20, 0x6C, 0xF3, 0x64, 0x7A,
            ])
    }

    @Test func knowsThreeLettersOfCountries() {
        #expect(CountryCodes.alpha3("CH") == "CHE" && CountryCodes.alpha3("ZW") == "ZWE")
        #expect(CountryCodes.alpha3("AD") == "AND" && CountryCodes.alpha3("XX") == nil)
        #expect(CountryCodes.alpha3("") == nil)
    }
}
