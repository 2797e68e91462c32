import Kernel
import Testing

@testable import EdgeRecords

@Suite struct SecretParametersTests {
    private func masked(_ text: String) -> String {
        var out = LineWriter()
        text.withBytes { SecretParameters.masked($0, into: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("/", "/"), ("/a?", "/a?"), ("/a?b=c", "/a?b=c"), ("/a?token=x", "/a?token=***"),
        ("/a?TOKEN=x&b=token", "/a?TOKEN=***&b=token"), ("/a?b&token&c", "/a?b&token&c"),
        ("/a?token=", "/a?token=***"),
        ("/a?x=1;sig=2;y=3", "/a?x=1;sig=***;y=3"), ("/a?refresh-token=x=y", "/a?refresh-token=***"),
        ("/a?%70assword=1", "/a?%70assword=***"), ("/token=1", "/token=1"), ("/a?tokens=1", "/a?tokens=1"),
        ("/a?X-Amz-Signature=1&X-Amz-Date=2", "/a?X-Amz-Signature=***&X-Amz-Date=2"), ("/a?=x&&", "/a?=x&&"),
    ])
    func masksValues(target: String, expected: String) { #expect(masked(target) == expected) }
}
