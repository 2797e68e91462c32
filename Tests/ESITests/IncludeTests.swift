import Kernel
import Testing

@testable import ESI

@Suite struct IncludeTests {
    /// In a page at `/a/b?c=/d`, as `host target` or `target`.
    static let addresses: [(String, String?)] = [
        ("/x?y", "/x?y"), ("x", "/a/x"), ("../x", "/a/../x"), ("?z=1", "/a/b?z=1"),
        ("http://other.org/x", "other.org /x"), ("HTTPS://other.org:8080", "other.org:8080 /"),
        ("https://other.org?q", "other.org /?q"), ("//other.org/x", "other.org /x"), ("/x#part", "/x"),
        ("x:y/z", nil), ("ftp://other.org/", nil), ("http:///x", nil), ("http://user@other.org/", nil),
        ("/a b", nil), ("/a\r\nHost: evil", nil), ("http://a\tb/", nil), ("#x", nil), ("", nil),
        ("javascript:alert(1)", nil), ("/x:y", "/x:y"),
    ]

    @Test(arguments: addresses.indices) func readsAddresses(index: Int) {
        let (text, wanted) = Self.addresses[index]
        let found = "/a/b?c=/d".withBytes { Include.address(Array(text.utf8), inPageAt: $0) }
        let shown = found.map { address in
            (address.host.map { String(decoding: $0, as: UTF8.self) + " " } ?? "")
                + String(decoding: address.target, as: UTF8.self)
        }
        #expect(shown == wanted, "\(text)")
    }
}
