import EdgeRecords
import Kernel

// A table of fixed size, cut into sets of a few clients each, like that of top paths: a newcomer takes the place of the
// client of its set that was not seen for longest. Memory that was never written to costs nothing but addresses.

/// The latest requests of each of one loop's clients. Confined to its loop.
final class FlightRecorder {
    private struct Client {
        var hash: UInt64 = 0
        var seen: UInt32 = 0
        /// Where the next request goes, and how many there are.
        var next: UInt8 = 0
        var count: UInt8 = 0
    }

    private static let clientBytes = LogLimits.flightRequests * LogLimits.flightBytes
    /// Of an identity and of a backend's name so much is kept.
    private static let nameBytes = 64
    private let sets: Int
    private let clients: UnsafeMutablePointer<Client>
    private let memory: UnsafeMutableRawPointer
    private var clock: UInt32 = 0

    /// Nil when there is no room for one set.
    init?(bytes: Int) {
        sets = bytes / (FlightRecorder.clientBytes * LogLimits.flightWays)
        guard sets > 0 else { return nil }
        clients = .allocate(capacity: sets * LogLimits.flightWays)
        clients.initialize(repeating: Client(), count: sets * LogLimits.flightWays)
        memory = .allocate(byteCount: sets * LogLimits.flightWays * FlightRecorder.clientBytes, alignment: 8)
    }

    deinit {
        clients.deallocate()
        memory.deallocate()
    }

    func record(_ draft: RecordDraft) {
        let place = place(for: FlightRecorder.hash(draft.identity, draft.client))
        clock &+= 1
        clients[place].seen = clock
        let slot = Int(clients[place].next)
        var short = draft
        // What the program logged would leave no room for the address.
        short.lines = []
        short.identity = draft.identity.slice(0, min(draft.identity.count, FlightRecorder.nameBytes))
        short.backend = draft.backend.slice(0, min(draft.backend.count, FlightRecorder.nameBytes))
        _ = short.encode(to: start(place, slot), room: LogLimits.flightBytes)
        clients[place].next = UInt8((slot + 1) % LogLimits.flightRequests)
        clients[place].count = UInt8(min(Int(clients[place].count) + 1, LogLimits.flightRequests))
    }

    private static func hash(_ identity: Bytes, _ address: IPAddress) -> UInt64 {
        if identity.isSet { return ByteHash.process(identity) }
        var words = (address.high, address.low)
        return withUnsafeBytes(of: &words) { ByteHash.process(Bytes($0)) }
    }

    private func place(for hash: UInt64) -> Int {
        let first = Int(truncatingIfNeeded: hash % UInt64(sets)) * LogLimits.flightWays
        var oldest = first
        for place in first..<first + LogLimits.flightWays {
            if clients[place].hash == hash, clients[place].count > 0 { return place }
            if clients[place].count == 0 {
                oldest = place
                break
            }
            if clock &- clients[place].seen > clock &- clients[oldest].seen { oldest = place }
        }
        clients[oldest] = Client(hash: hash)
        return oldest
    }

    private func start(_ place: Int, _ slot: Int) -> UnsafeMutableRawPointer {
        memory + place * FlightRecorder.clientBytes + slot * LogLimits.flightBytes
    }

    /// The records of the client of this address or identity, oldest first, as their bytes.
    func requests(of id: String) -> [[UInt8]] {
        var found: [[UInt8]] = []
        if let address = IPAddress(id) { found += requests(FlightRecorder.hash(.notSet, address)) }
        found += id.withBytes { requests(FlightRecorder.hash($0, .unspecified)) }
        let kept = Array(id.utf8.prefix(FlightRecorder.nameBytes))
        return found.filter { bytes in
            bytes.withUnsafeBytes { raw in
                let record = RecordView(raw.baseAddress!)
                return record.identity.isSet
                    ? record.identity.buffer.elementsEqual(kept) : record.client == IPAddress(id)
            }
        }
    }

    private func requests(_ hash: UInt64) -> [[UInt8]] {
        let first = Int(truncatingIfNeeded: hash % UInt64(sets)) * LogLimits.flightWays
        guard
            let place = (first..<first + LogLimits.flightWays).first(where: {
                clients[$0].hash == hash && clients[$0].count > 0
            })
        else { return [] }
        let (next, count) = (Int(clients[place].next), Int(clients[place].count))
        return (0..<count).map { index in
            let slot = (next - count + index + LogLimits.flightRequests) % LogLimits.flightRequests
            let from = start(place, slot)
            return Array(UnsafeRawBufferPointer(start: from, count: RecordView(from).count))
        }
    }
}
