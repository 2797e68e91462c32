import ESI
import HTTP1
import Kernel
import RequestFlow
import VCLRuntime

extension SimulatedTransaction {
    /// Puts in place of each `<esi:include src="..."/>` what a request of its own gives, and takes `<esi:remove>` and
    /// comments for ESI out, as the edge does.
    func expandIncludes() {
        var parser = IncludeParser(readsCDATA: context.usedExtras?.allowsESIInsideCDATA ?? false)
        let pieces = body.withUnsafeBytes { parser.feed(Bytes($0)) } + parser.finish()
        var whole: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let bytes): whole += bytes
            case .include(let include):
                let given = part(include.source) ?? include.alternative.flatMap { part($0) }
                whole += given ?? []
            }
        }
        body = whole
        context.dressPage()
    }

    /// What an include gives; nil for what cannot be had.
    private func part(_ source: [UInt8]) -> [UInt8]? {
        guard context.includeLevel < ESILimits.depth, edge.includes < ESILimits.includes,
            let address = Include.address(source, inPageAt: context.req.target)
        else { return nil }
        edge.includes += 1
        let inner = SimulatedTransaction(edge: edge, trace: Trace(edge))
        inner.fill(asked)
        inner.context.becomeInclude(address, in: context)
        let response = inner.answer()
        backendRequests += inner.backendRequests
        trace.note("esi: \(String(decoding: source, as: UTF8.self)) gives \(response.status)")
        return response.status == 200 ? response.body : nil
    }
}
