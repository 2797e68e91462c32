import HTTP1
package import HTTPCache
package import Kernel
package import VCLRuntime

// The shed switch: an operator says that only what the cache has is served, because the backends are not to be asked. A hit
// looks at nothing of it.

extension Context {
    /// Whether the request may not go to a backend now. `asked` is the target that the visitor asked for, because that is what
    /// an operator knows; an include, and what is fetched in the background, has only its own.
    package func isShed(asked: Bytes) -> Bool {
        guard let rule = snapshot.shedding else { return false }
        return !rule.exempts(asked.isEmpty ? req.target : asked)
    }

    /// Whether what is stale is served instead of asked for, whatever its age. What its origin wants asked each time
    /// (`no-cache`, `must-revalidate`: RFC 9111, section 4.2.4) is not: it may be wrong by now for whom it was not made.
    package func servesInsteadOfAsking(_ found: StoredResponse, asked: Bytes) -> Bool {
        guard isShed(asked: asked), !found.isBornStale else { return false }
        let directives = CacheDirectives(found.headers, .cacheControl)
        return !directives.noCache && !directives.mustRevalidate && !directives.proxyRevalidate
    }

    /// Tells clients when to come again, before `vcl_error` runs, when the switch is why there is nothing for them.
    package func noteRetry(after error: OriginError) {
        guard error == .cacheOnly else { return }
        obj.headers.set(HeaderName("Retry-After"), Format.integer(ShedLimits.retrySeconds, in: arena))
    }
}
