import Dispatch
import Foundation
import HTTP1
import HTTPCache
import Kernel

/// What the cache costs, without a server around it: `cache-rates OBJECTS SECONDS` fills one with so many responses of 1 KiB
/// and prints a line for each figure: its name, the figure, its unit.
@main
enum CacheRates {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let objects = Int(arguments[1]), objects >= 1000,
            let seconds = Double(arguments[2])
        else {
            FileHandle.standardError.write(
                Data("usage: cache-rates OBJECTS SECONDS, with 1000 or more objects\n".utf8))
            exit(2)
        }
        // Room for all of them: nothing shall leave while memory is measured.
        let cache = ResponseCache(capacity: ByteCount(objects * 4096 + (1 << 24)))
        fill(cache, objects)
        lookUp(cache, objects, seconds)
        purge(cache, objects)
        for (name, share) in HitRatios.measure() { report("hit ratio \(name)", share * 100, "%") }
    }

    static func report(_ name: String, _ value: Double, _ unit: String) {
        print("\(name)\t\((value * 100).rounded() / 100)\t\(unit)")
    }

    private static func fill(_ cache: ResponseCache, _ objects: Int) {
        var workload = Workload(objects: objects)
        let before = residentBytes()
        let began = clock()
        for number in 0..<objects {
            let response = workload.response(number, body: ArrayBody(1024))
            cache.insert(response, key: workload.address(number))
        }
        let took = Double(clock() - began) / Double(CLOCKS_PER_SEC)
        let resident = residentBytes() - before
        guard cache.count == objects else {
            FileHandle.standardError.write(Data("only \(cache.count) of \(objects) are there\n".utf8))
            exit(1)
        }
        report("memory of an object", Double(resident) / Double(objects), "bytes")
        report("memory by the cache's own account", Double(cache.byteCount) / Double(objects), "bytes")
        report("insertions", Double(objects) / took, "/s")
    }

    private static func lookUp(_ cache: ResponseCache, _ objects: Int, _ seconds: Double) {
        let kinds: [(String, range: Int, takes: Bool)] = [
            ("hits, one thread", objects, false), ("hits with their heads, one thread", objects, true),
            ("half of them misses, one thread", objects * 2, false),
        ]
        for (name, range, takes) in kinds {
            // Time of the core: neighbours shall not show.
            let began = clock()
            let done = ask(cache, seed: 1, range: range, takes: takes, seconds: seconds)
            report(name, Double(done) * Double(CLOCKS_PER_SEC) / Double(clock() - began), "/s")
        }
        let done = Guarded(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            let own = ask(cache, seed: thread, range: objects, takes: false, seconds: seconds)
            done.withLock { $0 += own }
        }
        report("hits, two threads, by the clock", Double(done.withLock { $0 }) / seconds, "/s")
    }

    private static func ask(_ cache: ResponseCache, seed: Int, range: Int, takes: Bool, seconds: Double)
        -> Int
    {
        var workload = Workload(objects: range)
        let request = HeaderList(capacity: 0)
        var head = HeaderList()
        var (state, done) = (UInt64(seed) &* 77 &+ 1, 0)
        let began = ContinuousClock.now
        while began.duration(to: .now) < .seconds(seconds) {
            for _ in 0..<1000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let number = Int((state >> 33) % UInt64(range))
                if case .hit(let found) = cache.lookup(workload.address(number), request, now: 1), takes {
                    found.copyHeaders(into: &head)
                }
            }
            done += 1000
        }
        return done
    }

    private static func purge(_ cache: ResponseCache, _ objects: Int) {
        var workload = Workload(objects: objects)
        var times: [Double] = []
        for group in 0..<9 {
            var count = 0
            let took = ContinuousClock().measure {
                count = cache.purge(surrogateKey: workload.groupKey(group), soft: false, now: 1)
            }
            guard count == Workload.group else {
                FileHandle.standardError.write(Data("a purge met \(count) objects\n".utf8))
                exit(1)
            }
            times.append(took / .milliseconds(1))
        }
        report("purge of a key with 100 objects", times.sorted()[4], "ms")
        let took = ContinuousClock().measure { cache.purgeAll(now: 1) }
        report("purge of all", took / .milliseconds(1), "ms")
    }

    private static func residentBytes() -> Int {
        guard let text = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
        let words = String(decoding: text, as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
