import Crypto

/// Names that Fastly gives to things: 22 letters and digits.
package enum ServiceID {
    package static let letters = 22
    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// 131 bits of randomness.
    package static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        return new(using: &generator)
    }

    package static func new(using generator: inout some RandomNumberGenerator) -> String {
        String((0..<letters).map { _ in alphabet.randomElement(using: &generator)! })
    }

    /// The same name for the same words: of things that have no row of their own, such as an entry of an ACL.
    package static func of(_ words: [String]) -> String {
        let digest = SHA256.hash(data: Array(words.joined(separator: "\u{1F}").utf8))
        return String(digest.prefix(letters).map { alphabet[Int($0) % alphabet.count] })
    }

    /// A service's name as a word: lower case letters, digits and single dashes; `service` where nothing is left.
    package static func slug(_ name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let word = words.joined(separator: "-").prefix(ServicesLimits.slugLetters)
        let trimmed = word.hasSuffix("-") ? word.dropLast() : word
        return trimmed.isEmpty ? "service" : String(trimmed)
    }

    /// `wanted`, or with a number behind it when others have it.
    static func free(_ wanted: String, among taken: (String) throws -> Bool) rethrows -> String {
        guard try taken(wanted) else { return wanted }
        var number = 2
        while try taken("\(wanted)-\(number)") { number += 1 }
        return "\(wanted)-\(number)"
    }
}
