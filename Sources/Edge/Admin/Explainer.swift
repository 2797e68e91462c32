package import EdgeLink
import HTTP1
import HTTPCache
package import Kernel
import NIOCore
import RequestFlow
import VCL
import VCLRuntime

/// A request that somebody asks about.
package struct ExplainedRequest: Sendable {
    package var method = "GET"
    package var host: String
    /// Path and query.
    package var target: String
    package var isTLS = false
    package var headers: [(name: String, value: String)] = []
    package var client = IPAddress("127.0.0.1")!

    package init(host: String, target: String) {
        self.host = host
        self.target = target
    }

    /// `http://HOST/PATH`, `https://...` or `HOST/PATH`; nil for what is no address.
    package init?(url: String) {
        var rest = url[...]
        var isTLS = false
        if let scheme = rest.firstRange(of: "://") {
            guard ["http", "https"].contains(rest[..<scheme.lowerBound].lowercased()) else { return nil }
            isTLS = rest[..<scheme.lowerBound].lowercased() == "https"
            rest = rest[scheme.upperBound...]
        }
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest.dropFirst(host.count).prefix { $0 != "#" }
        guard !host.isEmpty, !url.contains(where: { $0.isWhitespace || $0.isNewline }) else { return nil }
        self.init(host: String(host), target: target.hasPrefix("/") ? String(target) : "/" + target)
        self.isTLS = isTLS
    }
}

extension EdgeCore {
    /// What would become of a request now, without doing it: the program's states up to the cache run, on a loop, with the
    /// snapshot in effect and this edge's cache; nothing is fetched, stored, counted or logged. Throws `Failure` for a
    /// request that no program would see.
    package func explain(_ request: ExplainedRequest) async throws -> Explanation {
        guard let loop = loops.withLock({ $0.first }) else {
            throw Failure(.unavailable, "this edge has no loop")
        }
        return try await loop.loop.submit {
            let context = loop.context(under: loop.snapshot.aside())
            defer { loop.recycle(context) }
            var explainer = try Explainer(request, on: loop, context)
            return explainer.explain()
        }.get()
    }
}

/// Confined to its loop.
private struct Explainer {
    private let loop: EdgeLoop
    private let context: Context
    private var result: Explanation
    /// The target that a visitor asks for, whatever the program makes of it.
    private let asked: Bytes

    init(_ request: ExplainedRequest, on loop: EdgeLoop, _ context: Context) throws {
        self.loop = loop
        self.context = context
        var text = "\(request.method) \(request.target) HTTP/1.1\r\nHost: \(request.host)\r\n"
        for (name, value) in request.headers { text += "\(name): \(value)\r\n" }
        let head = context.arena.copy(text + "\r\n")
        do {
            _ = try HeadParser.request(head, into: &context.req, overTLS: request.isTLS)
        } catch {
            throw Failure(
                .invalid, "this is no request: it would be answered with \(error.status)",
                hint: "look at the method, the address and the headers")
        }
        var peer = Peer()
        peer.address = request.client
        peer.isTLS = request.isTLS
        context.arrive(from: peer, number: 1)
        asked = context.req.target
        result = Explanation(
            edge: loop.core.identity, snapshot: context.snapshot.number, method: request.method,
            url: request.host + request.target)
    }

    private mutating func run(_ scope: Scope) -> Flow {
        let flow = context.snapshot.program.run(scope, context)
        result.steps.append(.init(state: scope.subroutine, decision: flow.state ?? "goes on"))
        return flow
    }

    // MARK: the states

    mutating func explain() -> Explanation {
        context.isPurge = context.req.method == "PURGE" || context.req.method == "FASTLYPURGE"
        receive()
        return result
    }

    private mutating func receive() {
        let isPlain = ["GET", "HEAD", "PURGE", "FASTLYPURGE"].contains { context.req.method.string == $0 }
        switch run(.recv) {
        case .error: return error("vcl_recv")
        case .restart: return restart("vcl_recv")
        case .pass:
            hash()
            pass("vcl_recv passes it")
        case .lookup:
            hash()
            lookup()
        default:
            hash()
            if isPlain { lookup() } else { pass("a \(context.req.method.string) is not for a cache") }
        }
    }

    private mutating func hash() {
        _ = run(.hash)
        context.completeHashKey()
        result.key = context.hashKey.string.split(separator: "\0").joined(separator: " ")
        let kept = loop.core.cache.variants(of: context.hashKey)
        let chosen = kept.first { $0.answers(context.req.headers) }
        result.variants = kept.map { response in
            VariantExplainer(response, now: context.now, isChosen: response.body === chosen?.body).variant
        }
    }

    private mutating func restart(_ state: String) {
        context.restarts += 1
        guard context.restarts <= EdgeLimits.restarts else {
            return say("the program restarts too often: 503 \"max restarts exceeded\"")
        }
        say("\(state) restarts it")
        context.resetForPass()
        receive()
    }

    private mutating func lookup() {
        if context.isPurge { return say("it removes the address with all its variants") }
        guard !context.hashAlwaysMiss else {
            return miss("the program asks past the cache (req.hash_always_miss)")
        }
        switch loop.core.cache.lookup(context.hashKey, context.req.headers, now: context.now, counts: false) {
        case .hit(let found): hit(found, isStale: false)
        case .stale(let found):
            if context.servesInsteadOfAsking(found, asked: asked) { return hit(found, isStale: true) }
            if context.mayServeWhileRevalidating(found) { return hit(found, isStale: true) }
            if context.staleExists { say("a stale copy stands by in case the backend fails") }
            context.askForChanges(since: found)
            miss(
                found.hasValidator
                    ? "what is kept is stale: the backend is asked whether it is still good"
                    : "what is kept is stale and may not be served")
        case .hitForPass:
            context.state = .hitPass
            pass("the latest answer was not to be kept, so that requests go to the backend side by side")
        case .miss:
            miss(
                result.variants.isEmpty
                    ? "nothing is kept for it: it was not asked for yet, was purged, or left for want of room"
                    : "what is kept answers other requests, by Vary, or is of no use any more")
        }
    }

    private mutating func hit(_ found: StoredResponse, isStale: Bool) {
        context.take(found)
        context.state = isStale ? .hitStale : .hit
        switch run(.hit) {
        case .pass: return pass("vcl_hit passes it")
        case .error: return error("vcl_hit")
        case .restart: return restart("vcl_hit")
        default: break
        }
        let life = Explainer.seconds(abs(found.freshUntil - context.now))
        if isStale {
            let next =
                context.isShed(asked: asked)
                ? "stays so while only the cache is served" : "is fetched again behind the visitor's back"
            say("STALE from the cache: it went stale \(life) ago, and \(next)")
        } else {
            say("HIT: from the cache, fresh for another \(life)")
        }
    }

    private mutating func miss(_ why: String) {
        if context.state == .none || context.state == .hit { context.state = .miss }
        context.prepareBackendRequest(whole: true)
        say(why)
        switch run(.miss) {
        case .pass: pass("vcl_miss passes it")
        case .error: error("vcl_miss")
        case .deliverStale: say("STALE: vcl_miss serves the stale copy")
        default: fetch("MISS")
        }
    }

    private mutating func pass(_ why: String) {
        if context.state != .hitPass { context.state = .pass }
        context.prepareBackendRequest(whole: false)
        say(why)
        switch run(.pass) {
        case .error: error("vcl_pass")
        default: fetch("PASS")
        }
    }

    private mutating func error(_ state: String) {
        say("\(state) answers by itself, with \(context.errorStatus); vcl_error makes the answer")
    }

    private mutating func fetch(_ word: String) {
        guard !context.isShed(asked: asked) else {
            return say(
                "\(word): not fetched, for only the cache is served (hq edge shed): 503 with Retry-After")
        }
        let program = context.snapshot.program
        guard let backend = program.backend(at: context.backend) else {
            let place = context.backend - program.backends.count
            guard program.directors.indices.contains(place) else {
                return say("\(word): no backend is set, which makes a 503")
            }
            let director = program.directors[place]
            result.backend = director.name
            let well = director.members.filter { member in
                program.isHealthy(place: member.backend) {
                    loop.core.mayAsk(program.backends[$0], for: context.hashKey)
                }
            }
            return say(
                "\(word): the director \(director.name) (\(director.policy.rawValue)) chooses among \(well.count) of \(director.members.count) backends that are well"
            )
        }
        result.backend = backend.name
        say("\(word): fetched from \(backend.name), \(backend.address)")
        if !loop.core.health.isHealthy(backend) {
            say("\(backend.name) is not well: its probe failed, so that this makes a 503 or a stale copy")
        }
    }

    private mutating func say(_ sentence: String) { result.verdict.append(sentence) }

    static func seconds(_ nanoseconds: Int64) -> String { Duration.nanoseconds(nanoseconds).brief }
}
