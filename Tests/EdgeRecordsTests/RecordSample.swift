import Kernel

@testable import EdgeRecords

/// A record of these facts, as its bytes.
func record(
    head: String = "GET /a?x=1 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Firefox\r\n\r\n",
    identity: String? = nil, backend: String = "", lines: [String] = [], room: Int = RecordLimits.chunkBytes,
    _ change: (inout RecordDraft) -> Void = { _ in }
) -> [UInt8] {
    let arena = Arena()
    var draft = RecordDraft()
    draft.began = 1_767_323_045_678_000_000
    draft.elapsed = 1_234_567
    draft.firstByte = 1_000_000
    draft.status = 200
    draft.cache = .hit
    draft.bodyBytes = 512
    draft.client = IPAddress("192.0.2.77")!
    draft.requestID = 0xAB
    draft.snapshot = 3
    draft.head = arena.copy(head)
    if let identity { draft.identity = arena.copy(identity) }
    draft.backend = arena.copy(backend)
    draft.lines = lines.map { arena.copy($0) }
    change(&draft)
    return [UInt8](unsafeUninitializedCapacity: room) { memory, count in
        count = draft.encode(to: UnsafeMutableRawPointer(memory.baseAddress!), room: room)
    }
}

/// What `body` makes of a view of the record.
func view<R>(_ bytes: [UInt8], _ body: (RecordView) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes { try body(RecordView($0.baseAddress!)) }
}

func line(_ bytes: [UInt8], _ format: RecordFormat, client: ClientShown = .full, includesLines: Bool = false)
    -> String
{
    var formatter = RecordFormatter(format, client: client, includesLines: includesLines)
    var out = LineWriter()
    view(bytes) { formatter.write($0, to: &out) }
    return String(decoding: out.bytes, as: UTF8.self)
}
