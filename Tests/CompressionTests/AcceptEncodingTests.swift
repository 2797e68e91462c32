import Kernel
import Testing

@testable import Compression

@Suite struct AcceptEncodingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let value: String
        let allowed: String
        var testDescription: String { value }
    }

    static let cases: [Case] = [
        Case(value: "", allowed: ""), Case(value: "gzip", allowed: "gzip"),
        Case(value: "gzip, deflate, br, zstd", allowed: "gzip deflate br"),
        Case(value: "br;q=0.5", allowed: "br"),
        Case(value: "gzip;q=0, br", allowed: "br"), Case(value: "gzip;q=0.000", allowed: ""),
        Case(value: "gzip ; q=0.001", allowed: "gzip"), Case(value: "*", allowed: "gzip deflate br"),
        Case(value: "*;q=0, gzip", allowed: "gzip"), Case(value: "gzip;q=0, *", allowed: "deflate br"),
        Case(value: "identity", allowed: ""), Case(value: "X-GZIP, BR", allowed: "gzip br"),
        Case(value: "gzipped, brotli", allowed: ""), Case(value: "gzip;Q=0", allowed: ""),
        Case(value: ",, gzip ,", allowed: "gzip"),
    ]

    @Test(arguments: cases) func knowsWhatIsAllowed(_ one: Case) {
        let found = one.value.withBytes { AcceptEncoding($0) }
        let names = [(found.gzip, "gzip"), (found.deflate, "deflate"), (found.brotli, "br")]
        #expect(names.filter(\.0).map(\.1).joined(separator: " ") == one.allowed)
    }

    @Test func readsNoEndlessList() {
        let list = String(repeating: "x, ", count: CompressionLimits.acceptedParts) + "gzip"
        #expect(!list.withBytes { AcceptEncoding($0) }.gzip)
    }
}
