import HTTP1
import Kernel
import VCLRuntime

extension SimulatedTransaction {
    /// Requests inside of requests.
    static let deepestInclude = 5

    /// Puts in place of each `<esi:include src="..."/>` what a request of its own gives, and takes `<esi:remove>` and
    /// comments for ESI out (ESI language specification 1.0, as far as Fastly has it).
    func expandIncludes() {
        body = EdgeSideIncludes.expand(body, depth: depth) { [self] source in
            guard depth < SimulatedTransaction.deepestInclude else { return [] }
            let inner = SimulatedTransaction(edge: edge, trace: Trace(edge))
            inner.depth = depth + 1
            inner.context.req.copy(context.req)
            inner.context.req.method = Bytes("GET")
            inner.context.req.target = inner.context.arena.copy(source)
            inner.context.clientAddress = context.clientAddress
            let response = inner.answer()
            asked += inner.asked
            trace.note("esi: \(source) gives \(response.status)")
            return response.status == 200 ? response.body : nil
        }
    }
}
