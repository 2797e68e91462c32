import Foundation
import Kernel

/// The key of an edge's challenges. Edges with the same one accept each other's proofs.
enum ChallengeKey {
    /// 128 bits in hexadecimal.
    static let shortest = 32

    /// The key in this file.
    static func read(_ path: String) throws -> [UInt8] {
        let hint = "openssl rand -hex 32 > \(path)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "cannot read '\(path)', the key of challenges", hint: hint)
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count >= shortest else {
            throw Failure(.invalid, "the key in '\(path)' can be guessed, or is none", hint: hint)
        }
        return Array(text.utf8)
    }

    /// The same; the first edge that looks for it makes it, for this user alone. Of several at once one wins.
    static func readOrMake(_ path: String) throws -> [UInt8] {
        if !FileManager.default.fileExists(atPath: path) {
            let draft = "\(path).\(getpid())"
            defer { unlink(draft) }
            let made = FileManager.default.createFile(
                atPath: draft, contents: Data((random().hexadecimal + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
            guard made, link(draft, path) == 0 || errno == EEXIST else {
                throw Failure(.unavailable, "cannot write '\(path)', the key of challenges")
            }
        }
        return try read(path)
    }

    /// For an edge alone: proofs are good until it starts anew.
    static func random() -> [UInt8] {
        var system = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &system) }
    }
}
