import ArgumentParser
import CampaignFile
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
        if let place, !Campaign.Shield.isPlain(place) {
            throw ValidationError("--place wants letters, digits and hyphens, not '\(place)'")
        }
    }

    /// Nil for an edge that stands alone.
    func shielding(identity: String) throws -> Shielding? {
        guard let shieldWord else { return nil }
        let word = try ShieldOptions.word(in: shieldWord)
        let places = Dictionary(shield.compactMap { ShieldOptions.parse($0) }) { $1 }
        let name = String(identity.map { Campaign.Shield.isPlain(String($0)) ? $0 : "-" })
        return Shielding(place: place ?? "HQ", shields: places, word: word, identity: name)
    }

    /// The word that edges share, as this file has it.
    static func word(in file: String) throws -> String {
        let make = "openssl rand -hex 32 > \(file)"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.notFound, "cannot read '\(file)', the word of this edge's shields", hint: make)
        }
        let word = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard word.utf8.count >= shortestWord, Campaign.Shield.isPlain(word) else {
            throw Failure(.invalid, "the word in '\(file)' can be guessed, or is none", hint: make)
        }
        return word
    }

    /// 128 bits in hexadecimal.
    static let shortestWord = 32

    static func parse(_ text: String) -> (String, Shielding.Place)? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let place = ShieldAddress(String(parts[1])) else { return nil }
        return (String(parts[0]), Shielding.Place(address: place.address, usesTLS: place.usesTLS))
    }
}
