package import Kernel

extension ResponseCache {
    /// Everything that is kept for `key`, latest first, marks and stale responses included. Looking leaves no trace.
    package func variants(of key: Bytes) -> [StoredResponse] {
        let hash = ByteHash.process(key)
        return shard(hash).withLock { shard in
            let number = shard.table.find(hash, key, in: shard.entries)
            return number == 0 ? [] : shard.all(number)
        }
    }

    /// The memory that it may take.
    package var capacity: Int { shards.count * shards[0].withLock { $0.capacity } }
}
