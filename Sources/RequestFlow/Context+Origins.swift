package import HTTP1
package import Kernel
package import VCLRuntime

// What every request to a backend says besides what the program made of it, the same in the edge and in the simulator.

extension Context {
    /// What directors that hash choose by: the address under which the cache looks, and `client.identity`.
    package var directorKeys: DirectorKeys {
        let hash = ByteHash(seed: 0x51)
        let client = clientIdentity.isSet ? clientIdentity : Format.address(clientAddress, in: arena)
        return DirectorKeys(object: hash(hashKey), client: hash(client))
    }

    /// The backend that `req.backend` means now; its place is `servedBy` from here on. `avoided` were tried in vain.
    package func chooseBackend(
        random: UInt64, avoided: [Int] = [], isWell: (Int) -> Bool
    ) -> Result<Backend, OriginError> {
        let program = snapshot.program
        let found = program.choose(backend, directorKeys, random: random, avoided: avoided, isWell: isWell)
        switch found {
        case .success(let place):
            servedBy = place
            return .success(program.backends[place])
        case .failure(let reason):
            return .failure(OriginError(reason, of: program.director(at: backend)))
        }
    }

    /// Whether the client wants to speak another protocol (RFC 9110, section 7.8).
    package var asksForUpgrade: Bool {
        req.headers.contains(.upgrade) && req.headers.lists(.connection, token: "upgrade")
    }

    // MARK: who the request came through

    /// Whether the edge that calls itself `name` has sent the request (RFC 8586).
    package func hasLooped(through name: Bytes) -> Bool {
        var found = false
        for field in req.headers.fields
        where field.hash == Context.cdnLoop.hash && field.name.equalsIgnoringCase(Context.cdnLoop.bytes) {
            field.value.forEachPart(separator: UInt8(ascii: ",")) { part in
                let id = part.slice(0, part.firstIndex(of: UInt8(ascii: ";")) ?? part.count).trimmed
                if id == name { found = true }
            }
        }
        return found
    }

    /// Adds who passes the request on (RFC 9110, section 7.6.3; RFC 8586), `name`, and for whom.
    package func sign(_ list: inout HeaderList, as name: Bytes) {
        append(Format.address(clientAddress, in: arena), to: .xForwardedFor, in: &list)
        append(via(facts?.http?.major ?? 1, req.minor), to: .via, in: &list)
        append(name, to: Context.cdnLoop, in: &list)
    }

    private func append(_ value: Bytes, to name: HeaderName, in list: inout HeaderList) {
        let before = list.joined(name, in: arena)
        list.set(name, before.isSet ? arena.concatenate([before, Bytes(", "), value]) : value)
    }

    /// The version in which the request came.
    private func via(_ major: Int, _ minor: Int) -> Bytes {
        switch (major, minor) {
        case (2, _): Bytes("2 hq")
        case (3, _): Bytes("3 hq")
        case (_, 0): Bytes("1.0 hq")
        default: Bytes("1.1 hq")
        }
    }

    private static let cdnLoop = HeaderName("CDN-Loop")
    private static let maxForwards = HeaderName("Max-Forwards")

    /// For OPTIONS and TRACE: counts down how often the request may be passed on, and is false when it may not any more
    /// (RFC 9110, section 7.6.2). Something that is no number says nothing.
    package func countsForward() -> Bool {
        guard bereq.method == "OPTIONS" || bereq.method == "TRACE",
            let left = bereq.headers[Context.maxForwards].decimal
        else { return true }
        guard left > 0 else { return false }
        bereq.headers.set(Context.maxForwards, Format.integer(left - 1, in: arena))
        return true
    }
}
