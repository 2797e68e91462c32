package import Kernel

/// One `<esi:include>`, its entities resolved.
package struct Include: Sendable, Hashable {
    package let source: [UInt8]
    /// What to ask for when `src` cannot be had.
    package let alternative: [UInt8]?
    /// `onerror="continue"`: what cannot be had leaves nothing behind.
    package let continues: Bool

    package init(source: [UInt8], alternative: [UInt8]? = nil, continues: Bool = false) {
        self.source = source
        self.alternative = alternative
        self.continues = continues
    }

    /// The request that an address in a page means.
    package struct Address: Sendable, Hashable {
        /// Path and query.
        package let target: [UInt8]
        /// The host that it names; nil for the page's own.
        package let host: [UInt8]?
    }

    /// What `text` means in the page at `target`; nil for what is no address: another scheme, no host, characters that no
    /// request line has.
    package static func address(_ text: [UInt8], inPageAt target: Bytes) -> Address? {
        let text = text.prefix { $0 != UInt8(ascii: "#") }
        guard !text.isEmpty, text.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        for scheme in ["http://", "https://"] where text.startsIgnoringCase(scheme) {
            let rest = text.dropFirst(scheme.utf8.count)
            let host = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            let path = rest.dropFirst(host.count)
            guard !host.isEmpty, host.allSatisfy(isOfHost) else { return nil }
            return Address(target: rooted(path), host: Array(host))
        }
        if text.first == UInt8(ascii: "/") {
            // `//host/path` names a host too, of the page's scheme.
            guard text.dropFirst().first == UInt8(ascii: "/") else {
                return Address(target: Array(text), host: nil)
            }
            return address(Array("http:".utf8) + text, inPageAt: target)
        }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        guard !text[..<colon].allSatisfy(isOfScheme) || colon == text.endIndex else { return nil }
        let path = target.slice(0, target.firstIndex(of: UInt8(ascii: "?")) ?? target.count)
        if text.first == UInt8(ascii: "?") { return Address(target: path.array + text, host: nil) }
        let folder = path.slice(0, (path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)
        return Address(target: (folder.isEmpty ? [UInt8(ascii: "/")] : folder.array) + text, host: nil)
    }

    private static func rooted(_ path: ArraySlice<UInt8>) -> [UInt8] {
        path.first == UInt8(ascii: "/") ? Array(path) : [UInt8(ascii: "/")] + path
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        lowercased(byte) &- UInt8(ascii: "a") < 26 || byte &- 0x30 < 10 || "+-.".utf8.contains(byte)
    }

    /// Of a host with its port; nobody is named by a user.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        lowercased(byte) &- UInt8(ascii: "a") < 26 || byte &- 0x30 < 10 || "-._:[]".utf8.contains(byte)
    }
}

extension RandomAccessCollection where Element == UInt8 {
    /// `prefix` is in small letters.
    func startsIgnoringCase(_ prefix: String) -> Bool {
        count >= prefix.utf8.count && zip(self, prefix.utf8).allSatisfy { lowercased($0) == $1 }
    }
}
