import VCLRuntime

extension Transaction {
    /// The client is gone before its answer. Half a request's body must not look like a whole one to a
    /// backend: an upload in chunks would end with the chunk that says so.
    func clientLeft() {
        context.traffic.isCut = true
        if let requestBody, !requestBody.ended, let fetch, !fetch.cacheable { fetch.cancel() }
        end()
    }
}
