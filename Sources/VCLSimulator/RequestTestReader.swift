package import Diagnostics
import Kernel
import VCLRuntime
import YAMLReading
import Yams

/// Reads `*.test.yaml`: whole requests and what must come of them.
///
///     tests:
///       - name: the banner is switched on
///         dictionaries: {edge_settings: {donate_banner: "on"}}
///         steps:
///           - origin: {status: 200, headers: {Cache-Control: max-age=60}, body: hello}
///           - request: {url: /, headers: {User-Agent: test}}
///             expect: {status: 200, cache: MISS, headers: {X-Donate-Banner: "on"}}
///           - after: 61s
///           - request: {url: /}
///             expect: {cache: MISS, fetches: 1}
package struct RequestTestReader {
    private var yaml: YAMLReader
    /// The most steps of one test.
    static let mostSteps = 1000

    package static func read(_ file: SourceFile) -> (tests: [RequestTest], diagnostics: [Diagnostic]) {
        var reader = RequestTestReader(yaml: YAMLReader(file: file, area: "test"))
        let tests = reader.tests()
        return (tests, reader.yaml.diagnostics)
    }

    private mutating func tests() -> [RequestTest] {
        guard let root = yaml.compose() else { return [] }
        let members = yaml.members(root, "a test file", keys: ["tests"], required: ["tests"])
        guard let list = members["tests"] else { return [] }
        return yaml.items(list, "tests").map { test($0) }
    }

    private mutating func test(_ node: Node) -> RequestTest {
        let members = yaml.members(
            node, "a test", keys: ["name", "dictionaries", "shield", "challenge", "steps"],
            required: ["name", "steps"])
        var test = RequestTest(
            name: yaml.string(members["name"], "a test's name") ?? "", span: yaml.span(node))
        if let node = members["dictionaries"] {
            for (name, _, entries) in pairs(node, "dictionaries") {
                test.dictionaries[name] = texts(entries, name)
            }
        }
        test.isShielded = yaml.bool(members["shield"], "shield") ?? false
        test.challenge = members["challenge"].flatMap { exceptions($0, "challenge") }.map {
            SimulatedChallenge(except: $0)
        }
        if let node = members["steps"] {
            let steps = yaml.items(node, "steps")
            if steps.count > RequestTestReader.mostSteps {
                yaml.report("limit", node, "a test has at most \(RequestTestReader.mostSteps) steps")
            }
            test.steps = steps.prefix(RequestTestReader.mostSteps).compactMap { step($0) }
        }
        return test
    }

    private static let actions = [
        "request", "after", "purge", "set", "health", "origin", "origins", "shed", "flood",
    ]

    private mutating func step(_ node: Node) -> RequestTestStep? {
        let members = yaml.members(node, "a step", keys: RequestTestReader.actions + ["expect"])
        let found = RequestTestReader.actions.filter { members[$0] != nil }
        guard found.count == 1, let value = members[found[0]] else {
            yaml.report(
                "step", node, "a step is one of \(RequestTestReader.actions.joined(separator: ", "))",
                hint: "write a step of its own for each")
            return nil
        }
        if let expect = members["expect"], found[0] != "request" {
            yaml.report("step", expect, "'expect' belongs to a request")
        }
        return action(found[0], value, members["expect"]).map {
            RequestTestStep(action: $0, span: yaml.span(members["expect"] ?? node))
        }
    }

    private mutating func action(_ name: String, _ value: Node, _ expect: Node?) -> RequestTestStep.Action? {
        switch name {
        case "request":
            return .request(request(value), expecting: expect.map { expectation($0) } ?? Expectation())
        case "after":
            return yaml.value(value, "after", "61s") { Duration(parsing: $0) }.map {
                .after($0.nanosecondCount)
            }
        case "purge":
            let members = yaml.members(value, "purge", keys: ["key", "all", "soft"])
            return .purge(
                key: yaml.string(members["key"], "a surrogate key"),
                soft: yaml.bool(members["soft"], "soft") ?? false)
        case "set":
            guard let first = pairs(value, "set").first else { return nil }
            return .set(dictionary: first.name, entries: texts(first.value, first.name))
        case "health":
            var found: [String: Bool] = [:]
            for (name, _, node) in pairs(value, "health") { found[name] = yaml.bool(node, name) ?? true }
            return .health(found)
        case "origin": return .origin(["": answer(value)])
        case "shed": return .shed(exceptions(value, "shed").map { ShedRule(except: $0) })
        case "flood": return yaml.bool(value, "flood").map { .flood($0) }
        default:
            var found: [String: BackendAnswer] = [:]
            for (name, _, node) in pairs(value, "origins") { found[name] = answer(node) }
            return .origin(found)
        }
    }

    /// `true` or `on`, or `{except: [/donate]}`, for something that is switched on, `false` for what is not.
    private mutating func exceptions(_ node: Node, _ what: String) -> [String]? {
        guard node.mapping != nil else { return yaml.bool(node, what) == true ? [] : nil }
        guard let list = yaml.members(node, what, keys: ["except"], required: ["except"])["except"] else {
            return []
        }
        return yaml.items(list, "except").compactMap { item in
            guard let path = yaml.string(item, "a path") else { return nil }
            if !path.hasPrefix("/") {
                yaml.report("url", item, "'\(path)' is no beginning of a path", hint: "such as /donate")
            }
            return path
        }
    }

    // MARK: messages

    private mutating func request(_ node: Node) -> SimulatedRequest {
        let members = yaml.members(
            node, "a request", keys: ["url", "method", "headers", "body", "client", "tls", "proof"],
            required: ["url"])
        var request = SimulatedRequest(url: yaml.string(members["url"], "a URL") ?? "/")
        if !request.url.hasPrefix("/"), let node = members["url"] {
            yaml.report(
                "url", node, "'\(request.url)' is no path", hint: "give the host as a header: {Host: ...}")
        }
        request.method = yaml.string(members["method"], "a method") ?? "GET"
        if let node = members["headers"] { request.headers = headers(node) }
        request.body = Array((yaml.string(members["body"], "a body") ?? "").utf8)
        if let client = yaml.value(members["client"], "a client", "192.0.2.7", { IPAddress($0) }) {
            request.client = client
        }
        request.isTLS = yaml.bool(members["tls"], "tls") ?? false
        request.hasProof = yaml.bool(members["proof"], "proof") ?? false
        return request
    }

    private mutating func answer(_ node: Node) -> BackendAnswer {
        let members = yaml.members(node, "a backend's answer", keys: ["status", "headers", "body", "fails"])
        var answer = BackendAnswer(status: number(members["status"], "a status") ?? 200)
        if let node = members["headers"] { answer.headers = headers(node) }
        answer.body = Array((yaml.string(members["body"], "a body") ?? "").utf8)
        answer.failure = yaml.string(members["fails"], "why it fails")
        return answer
    }

    /// A header's value, or a list of them for a header that stands several times.
    private mutating func headers(_ node: Node) -> [Header] {
        pairs(node, "headers").flatMap { name, _, value in
            let values = value.sequence.map(Array.init) ?? [value]
            return values.compactMap { one in yaml.string(one, "a header's value").map { Header(name, $0) } }
        }
    }

    // MARK: expectations

    private static let expectations = [
        "status", "headers", "body", "cache", "fetches", "backend", "backend_url", "backend_headers", "logs",
        "restarts", "states", "stored_for", "challenged",
    ]

    private mutating func expectation(_ node: Node) -> Expectation {
        let members = yaml.members(node, "expect", keys: RequestTestReader.expectations)
        var wanted = Expectation()
        wanted.status = number(members["status"], "a status")
        if let node = members["headers"] { wanted.headers = matches(node, "headers") }
        wanted.body = members["body"].flatMap { match($0) }
        wanted.cache = yaml.value(members["cache"], "cache", "HIT") { text in
            ["HIT", "MISS", "PASS", "STALE", "SYNTH", "ERROR"].first { $0 == text }
        }
        wanted.fetches = number(members["fetches"], "a number of fetches")
        wanted.backend = yaml.string(members["backend"], "a backend")
        wanted.backendURL = members["backend_url"].flatMap { match($0) }
        if let node = members["backend_headers"] { wanted.backendHeaders = matches(node, "backend_headers") }
        if let node = members["logs"] {
            wanted.logs = yaml.items(node, "log lines").compactMap { match($0) }
        }
        wanted.restarts = number(members["restarts"], "a number of restarts")
        if let node = members["states"] {
            wanted.states = yaml.items(node, "states").compactMap { yaml.string($0, "a state") }
        }
        wanted.storedFor =
            yaml.value(members["stored_for"], "a time", "60s") { Duration(parsing: $0) }?
            .nanosecondCount
        wanted.challenged = yaml.bool(members["challenged"], "challenged")
        return wanted
    }

    private mutating func matches(_ node: Node, _ what: String) -> [(name: String, match: TextMatch)] {
        pairs(node, what).compactMap { name, _, value in match(value).map { (name, $0) } }
    }

    /// A text that must be equal, `null` for one that must not be there, or `{matches: ...}`, `{contains: ...}`, `{present: true}`.
    private mutating func match(_ node: Node) -> TextMatch? {
        if node.null != nil, node.scalar?.style == .plain { return .absent }
        if let text = node.scalar?.string { return .equal(text) }
        let members = yaml.members(
            node, "an expected text", keys: ["matches", "contains", "equals", "present"])
        if let text = members["matches"]?.scalar?.string { return .matches(text) }
        if let text = members["contains"]?.scalar?.string { return .contains(text) }
        if let text = members["equals"]?.scalar?.string { return .equal(text) }
        if let node = members["present"] { return yaml.bool(node, "present") == false ? .absent : .present }
        return nil
    }

    // MARK: small things

    private mutating func pairs(_ node: Node, _ what: String) -> [(name: String, key: Node, value: Node)] {
        guard let mapping = node.mapping else {
            yaml.report("type", node, "\(what) are names with values, such as '{name: value}'")
            return []
        }
        return mapping.map { ($0.key.scalar?.string ?? "", $0.key, $0.value) }
    }

    private mutating func texts(_ node: Node, _ what: String) -> [String: String] {
        var found: [String: String] = [:]
        for (name, _, value) in pairs(node, what) { found[name] = yaml.string(value, "an entry") }
        return found
    }

    private mutating func number(_ node: Node?, _ what: String) -> Int? {
        yaml.value(node, what, "200") { Int($0) }
    }
}

extension Duration {
    /// Nanoseconds; what does not fit is the longest time there is.
    var nanosecondCount: Int64 {
        let (seconds, rest) = components
        let (whole, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return over ? .max : whole &+ rest / 1_000_000_000
    }
}
