import HTTP1
package import Kernel
import RequestFlow
import VCLRuntime

/// How this edge stands with the others: a shield is an edge that stands between others and the origins, so that these are asked
/// once for all (https://www.fastly.com/documentation/guides/concepts/shielding). A shield director names the place of one.
package final class Shielding: Sendable {
    package struct Place: Sendable, Hashable {
        package let address: HostPort
        package let usesTLS: Bool

        package init(address: HostPort, usesTLS: Bool) {
            self.address = address
            self.usesTLS = usesTLS
        }
    }

    /// Where this edge is, for `server.datacenter`.
    let place: PlaceFacts
    private let shields: [String: Backend]
    private let word: LiteralBytes
    private let entry: LiteralBytes

    /// `shields` by the names that programs give them (`.shield`). Edges of one campaign know `word`, and nobody else: a request
    /// that says it has come through other edges. It goes to other edges alone.
    package init(place: String, shields: [String: Place], word: String, identity: String) {
        var facts = PlaceFacts()
        facts.datacenter = place
        self.place = facts
        self.word = LiteralBytes(word)
        entry = LiteralBytes("\(word)!\(place)!\(identity)")
        var backends: [String: Backend] = [:]
        for (name, shield) in shields {
            var backend = Backend(name: name)
            (backend.host, backend.port) = (shield.address.host, shield.address.port)
            backend.tls = shield.usesTLS ? BackendTLS() : nil
            backend.firstByteTimeout = OriginLimits.shieldFirstByteSeconds * 1_000_000_000
            backends[name] = backend
        }
        self.shields = backends
    }

    /// The shield that stands before what `context` means to ask; nil when that is to be asked without.
    func shield(before context: Context) -> Backend? {
        guard let director = context.snapshot.program.director(at: context.backend), director.isShield,
            let name = director.shield, let shield = shields[name]
        else { return nil }
        return shield
    }

    /// Counts the edges that a request has come through, and takes out what only pretends to be one. What programs see of them
    /// holds no secret.
    func admit(_ context: Context) {
        let claimed = context.req.headers.joined(Shielding.forwarded, in: context.arena)
        guard claimed.isSet else { return }
        context.req.headers.remove(Shielding.forwarded)
        var parts: [Bytes] = []
        claimed.forEachPart(separator: UInt8(ascii: ",")) { part in
            guard let end = part.firstIndex(of: UInt8(ascii: "!")), part.slice(0, end) == word.bytes,
                context.visits < OriginLimits.edgesInARow
            else { return }
            context.visits += 1
            if parts.count > 0 { parts.append(Bytes(", ")) }
            parts.append(Bytes("hq"))
            parts.append(part.slice(end, part.count))
        }
        guard context.visits > 0 else { return }
        context.req.headers.set(Shielding.forwarded, context.arena.concatenate(parts))
    }

    /// Tells a shield which edges the request has come through, this one last.
    func sign(_ list: inout HeaderList, in arena: Arena) {
        var parts: [Bytes] = []
        list[Shielding.forwarded].forEachPart(separator: UInt8(ascii: ",")) { part in
            guard part.hasPrefix("hq!") else { return }
            parts += [word.bytes, part.slice(2, part.count), Bytes(", ")]
        }
        list.set(Shielding.forwarded, arena.concatenate(parts + [entry.bytes]))
    }

    private static let forwarded = HeaderName("Fastly-FF")
}
