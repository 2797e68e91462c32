// S3-FIFO (Yang et al., SOSP 2023): new addresses enter a small queue; one that was used there moves on to the main queue, one
// that was not leaves and is remembered as a ghost, so that it enters the main queue if it comes back soon. In the main queue
// what was used since it was last looked at goes round once more. A scan of many addresses that nobody asks for twice passes
// through the small queue and displaces nothing else.

extension CacheShard {
    /// Makes room until the shard is within its capacity, whatever else leaves before `kept`.
    func evict(sparing kept: UInt32) {
        // Each round lowers a use that is three at most; whoever is hit all the time meanwhile could make it endless.
        var patience = count * Int(CacheLimits.mostUse + 2)
        while bytes > capacity, count > 1 {
            let fromSmall = small.count > 0 && (smallIsTooLarge || main.count == 0 || isAlone(kept))
            let number = fromSmall ? small.first : main.first
            patience -= 1
            let use = number == kept ? 1 : patience > 0 ? use(of: number) : 0
            guard use == 0 else {
                goOn(number, use: use)
                continue
            }
            if fromSmall { ghosts.add(entries[number].pointee.hash, limit: main.count) }
            countEviction()
            remove(number)
        }
    }

    private var smallIsTooLarge: Bool { small.bytes * 100 > capacity * CacheLimits.smallShare }

    /// Whether nothing else is in the main queue.
    private func isAlone(_ number: UInt32) -> Bool { main.count == 1 && main.first == number }

    private func use(of number: UInt32) -> UInt8 {
        let entry = entries[number]
        guard entry.pointee.hasVariants else { return entry.pointee.response.useCount }
        return all(number).reduce(0) { max($0, $1.useCount) }
    }

    /// To the main queue's end: from the small queue as one who begins there, from the main queue with one use less.
    private func goOn(_ number: UInt32, use: UInt8) {
        let entry = entries[number]
        if entry.pointee.isInMain {
            main.remove(number, in: entries)
        } else {
            small.remove(number, in: entries)
        }
        let left = entry.pointee.isInMain ? use - 1 : 0
        for response in all(number) where response.useCount > left { response.setUse(left) }
        entry.pointee.isInMain = true
        main.append(number, in: entries)
    }
}
