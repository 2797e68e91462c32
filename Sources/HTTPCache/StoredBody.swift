/// The body of a stored response. The engine knows its size alone; the edge keeps its own buffers in a subclass, so that a
/// hit shares them and copies nothing.
open class StoredBody: @unchecked Sendable {
    public init() {}
    /// Bytes that it holds now; it may still grow while it is fetched.
    open var byteCount: Int { 0 }
    /// The memory that it takes: as here when it is an object that holds one array. Whoever keeps more than that says so, as
    /// the cache's limit is one of memory.
    open var footprint: Int { byteCount + 80 }
}
