import HTTP1
import Kernel
import RequestFlow
import VCLRuntime

extension SimulatedTransaction {
    /// The answer; nil when there was none and the client has been told so.
    func askBackend() -> BackendAnswer? {
        guard !context.isShed(asked: askedTarget) else {
            trace.note("no backend is asked: only the cache is served")
            fail(.cacheOnly)
            return nil
        }
        let place = context.backend
        let chosen = context.chooseBackend(random: context.random.next()) { [edge, context] in
            edge.facts.isHealthy(context.snapshot.program.backends[$0])
        }
        let name: String
        switch chosen {
        case .success(let backend): name = backend.name
        case .failure(let reason):
            trace.note("\(reason.response)")
            fail(reason)
            return nil
        }
        let isShielded = context.snapshot.program.director(at: place)?.isShield == true && edge.shield != nil
        let request = BackendRequest(
            backend: name, method: context.bereq.method.string, url: context.bereq.target.string,
            headers: context.bereq.headers.fields.map { Header($0.name.string, $0.value.string) },
            body: context.bereq.method == "GET" ? [] : requestBody, isBackground: context.isBackgroundFetch)
        backendRequests.append(request)
        let answer = isShielded ? askShield(request) : edge.backend(request)
        if let failure = answer.failure {
            trace.note("\(name): \(failure)")
            fail(503, failure)
            return answer
        }
        trace.note("\(name) answers \(answer.status)")
        return answer
    }

    private func askShield(_ request: BackendRequest) -> BackendAnswer {
        guard let shield = edge.shield else { return edge.backend(request) }
        var passed = SimulatedRequest(url: request.url)
        passed.method = request.method
        passed.headers = request.headers + [Header("Fastly-FF", "simulator!edge!cache")]
        passed.body = request.body
        passed.client = context.clientAddress
        shield.now = edge.now
        let found = shield.request(passed)
        trace.note("shield: \(found.cache)")
        return BackendAnswer(
            status: found.response.status, headers: found.response.headers, body: found.response.body)
    }
}
