/// What the allocator takes for a piece of memory: it keeps a word before each piece and hands out multiples of 16 bytes.
/// What the cache says of its size is honest because it counts so.
package enum HeapBlock {
    package static func bytes(_ wanted: Int) -> Int { max(32, (wanted + 8 + 15) & ~15) }
}
