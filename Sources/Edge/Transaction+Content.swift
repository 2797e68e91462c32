import Compression
import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

// What becomes of a body on its way: compressed for the cache, made plain for its ESI tags, put together with its parts,
// compressed for one client.

extension Transaction {
    // MARK: before it is stored

    /// Stores and delivers the other form of what was fetched, where the program wants one. False when there is none.
    func deliverRecoded(_ fetch: Fetch, stores: Bool) -> Bool {
        if context.esi { return deliverPage(fetch, stores: stores) }
        guard let coding = context.chooseCoding() else { return false }
        let work = Recoding.Work.compress(coding, isFast: !stores)
        guard !isHead || fetch.cacheable,
            let recoding = Recoding(work, of: fetch.body, isKept: stores, on: edge)
        else {
            deliverUncompressed(fetch, stores: stores)
            return true
        }
        if stores {
            let identity = store(context.makeStoredIdentity(fetch.body))
            context.encodeResponse(coding)
            let coded = store(context.makeStored(recoding.target))
            fetch.deliver(keeping: identity)
            recoding.start(keeping: coded)
            releaseBusy(coded.0.isBornStale ? .notStored : .stored)
        } else {
            context.encodeResponse(coding)
            fetch.deliver(keeping: nil)
            recoding.start()
        }
        deliverProduced(by: recoding)
        return true
    }

    private func store(_ response: StoredResponse) -> (StoredResponse, [UInt8]) {
        context.isStored = true
        edge.core.cache.insert(response, key: context.hashKey)
        return (response, context.hashKey.array)
    }

    private func deliverProduced(by recoding: Recoding) {
        producers.append(recoding)
        context.resp.copy(context.beresp)
        body = .stored(recoding.target)
        deliver()
    }

    /// Too much is compressed at once: this client gets it plain, and what is kept is for those who accept no coding.
    private func deliverUncompressed(_ fetch: Fetch, stores: Bool) {
        fetch.deliver(keeping: stores ? store(context.makeStoredIdentity(fetch.body)) : nil)
        releaseBusy(.notStored)
        deliverFetched(fetch)
    }

    /// A page whose tags are looked at is kept plain.
    private func deliverPage(_ fetch: Fetch, stores: Bool) -> Bool {
        let named = context.beresp.headers[.contentEncoding]
        guard named.isSet, let coding = ContentCoding(named), context.beresp.mayHaveBody,
            !isHead || fetch.cacheable
        else {
            // What a 304 kept has its mark, and others read it already.
            if !fetch.isAdopted { fetch.body.isESI = !named.isSet }
            return false
        }
        guard let recoding = Recoding(.decompress(coding), of: fetch.body, isKept: stores, on: edge) else {
            return false
        }
        recoding.target.isESI = true
        context.decodeResponse()
        fetch.feedsCache = stores
        fetch.deliver(keeping: nil)
        if stores {
            let plain = store(context.makeStored(recoding.target))
            recoding.start(keeping: plain)
            releaseBusy(plain.0.isBornStale ? .notStored : .stored)
        } else {
            recoding.start()
        }
        deliverProduced(by: recoding)
        return true
    }

    // MARK: before it is sent

    /// Puts a page and its parts together and compresses what the answer wants compressed.
    func produceBody() {
        if case .stored(let page) = body, page.isESI, !isTrial, context.mayInclude { putTogether(page) }
        if context.wishes.tarpit != nil { slowDown() }
        guard let coding = context.takeCompressHint(), !isTrial else { return }
        compressAnswer(coding)
    }

    private func putTogether(_ page: FetchedBody) {
        context.dressPage()
        isAssembled = true
        guard !isHead else { return }
        let assembly = PageAssembly(of: page, for: self)
        producers.append(assembly)
        body = .stored(assembly.target)
        assembly.start()
    }

    private func compressAnswer(_ coding: ContentCoding) {
        let plain: FetchedBody
        switch body {
        case .none: return
        case .stored(let stored): plain = stored
        case .bytes(let bytes): plain = FetchedBody(complete: ByteBuffer(bytes: bytes.raw))
        }
        guard let recoding = Recoding(.compress(coding, isFast: true), of: plain, isKept: false, on: edge)
        else {
            return
        }
        context.encodeAnswer(coding)
        producers.append(recoding)
        body = .stored(recoding.target)
        recoding.start()
    }

    // MARK: early hints

    /// What `early_hints` asked for, as a head that comes before the answer (RFC 8297).
    func sendEarlyHints() {
        var head = ResponseHead()
        head.status = 103
        for line in context.wishes.earlyHints {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { continue }
            head.headers.append(
                HeaderField(
                    name: line.slice(0, colon).trimmed, value: line.slice(colon + 1, line.count).trimmed))
        }
        context.wishes.earlyHints.removeAll(keepingCapacity: true)
        guard !ended, !context.isBackgroundFetch, head.headers.count > 0 else { return }
        client?.interim(head)
    }
}
