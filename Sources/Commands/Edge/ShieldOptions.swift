import ArgumentParser
import Edge
import Foundation
import Kernel

/// Which edges stand between this one and the origins.
struct ShieldOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where the edge of a place is, for programs' shield directors: far=10.0.0.2:80, or far=https://edge.example:443. May be \
            repeated.
            """, valueName: "place=address"))
    var shield: [String] = []

    @Option(
        help: ArgumentHelp(
            "The place of this edge, which programs see as server.datacenter.", valueName: "name"))
    var place: String?

    @Option(
        help: ArgumentHelp(
            "A file with a word that the campaign's edges share, by which they know each other.",
            valueName: "file"), completion: .file())
    var shieldWord: String?

    func validate() throws {
        for one in shield where ShieldOptions.parse(one) == nil {
            throw ValidationError(
                "--shield wants a place and an address such as far=10.0.0.2:80, not '\(one)'")
        }
        if place != nil || !shield.isEmpty, shieldWord == nil {
            throw ValidationError("--shield and --place want --shield-word, by which edges know each other")
        }
        if let place, place.isEmpty || !place.utf8.allSatisfy({ ShieldOptions.isPlain($0) }) {
            throw ValidationError("--place wants letters, digits and hyphens, not '\(place)'")
        }
    }

    /// Nil for an edge that stands alone.
    func shielding(identity: String) throws -> Shielding? {
        guard let shieldWord else { return nil }
        guard let data = FileManager.default.contents(atPath: shieldWord) else {
            throw Failure(.notFound, "cannot read '\(shieldWord)'")
        }
        let word = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard word.utf8.count >= ShieldOptions.shortestWord,
            word.utf8.allSatisfy({ ShieldOptions.isPlain($0) })
        else {
            throw Failure(
                .invalid, "the word in '\(shieldWord)' can be guessed, or is none",
                hint: "openssl rand -hex 32 > \(shieldWord)")
        }
        let places = Dictionary(shield.compactMap { ShieldOptions.parse($0) }) { $1 }
        let name = String(identity.map { $0.utf8.allSatisfy { ShieldOptions.isPlain($0) } ? $0 : "-" })
        return Shielding(place: place ?? "HQ", shields: places, word: word, identity: name)
    }

    /// 128 bits in hexadecimal.
    static let shortestWord = 32

    static func isPlain(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }

    static func parse(_ text: String) -> (String, Shielding.Place)? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let usesTLS = parts[1].hasPrefix("https://")
        let address = HostPort(String(usesTLS ? parts[1].dropFirst(8) : parts[1]))
        return address.map { (String(parts[0]), Shielding.Place(address: $0, usesTLS: usesTLS)) }
    }
}
