import Foundation
import HTTP1
import Kernel
import Testing

/// Random messages, mutated, through the parser and the reference that reads by the grammar alone. A short run by default;
/// `FUZZ_SECONDS=3600 FUZZ_SEED=7` makes it long, and what fails prints its seed; a long run says how far it is.
@Suite struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = Double(environment["FUZZ_SECONDS"] ?? "") ?? 0.4
    private static let seed = UInt64(environment["FUZZ_SEED"] ?? "") ?? 1

    @Test func requestsAreReadAsTheGrammarReadsThem() {
        run("request", RandomMessage.request) { octets, _ in FuzzTests.compareRequest(octets) }
    }

    @Test func responsesAreReadAsTheGrammarReadsThem() {
        run("response", RandomMessage.response) { octets, random in
            FuzzTests.compareResponse(octets, to: random.pick(["GET", "GET", "GET", "HEAD", "CONNECT"]))
        }
    }

    @Test func chunksAreReadAsTheGrammarReadsThemWhereverTheyAreCut() {
        run("chunks", RandomMessage.chunks, FuzzTests.compareChunks)
    }

    /// Makes messages until the time is over. `compare` says what is wrong, or whether the message was accepted.
    private func run(
        _ name: String, _ make: (inout SeededRandom) -> [UInt8],
        _ compare: ([UInt8], inout SeededRandom) -> Outcome
    ) {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(FuzzTests.seconds)
        var seed = FuzzTests.seed
        var (accepted, refused, failures) = (0, 0, 0)
        var slowest = Duration.zero
        repeat {
            var random = SeededRandom(seed: seed)
            var octets = make(&random)
            if random.chance(75) {
                for _ in 0...random.below(4) { MessageMutation.apply(to: &octets, &random) }
            }
            let outcome: Outcome
            let began = FuzzTests.processorTime()
            outcome = compare(octets, &random)
            slowest = max(slowest, FuzzTests.processorTime() - began)
            switch outcome {
            case .accepted: accepted += 1
            case .refused: refused += 1
            case .wrong(let what):
                failures += 1
                Issue.record(
                    "seed \(seed): \(what)\nin\n\(String(decoding: octets, as: UTF8.self).debugDescription)")
            }
            seed &+= 1
            if FuzzTests.seconds > 1, seed % 100_000 == 0 {
                print(
                    "fuzz \(name): seed \(seed), accepted \(accepted), refused \(refused), slowest \(slowest)"
                )
            }
        } while clock.now < end && failures < 5
        #expect(accepted > 0 && refused > 0, "one kind of message was never made")
        #expect(slowest < .seconds(2), "the slowest message took \(slowest)")
    }

    /// What this thread has computed: a machine that is busy with something else makes no message slow.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    enum Outcome { case accepted, refused, wrong(String) }

    // MARK: heads

    /// The end of a head, looked for as bytes arrive; the search must not depend on the pieces.
    private static func endOfHead(_ bytes: Bytes) -> Int? {
        let end = HeadParser.endOfHead(bytes)
        var piecemeal: Int?
        var searched = 0
        for count in 0...bytes.count where piecemeal == nil {
            piecemeal = HeadParser.endOfHead(bytes.slice(0, count), from: searched)
            searched = count
        }
        return piecemeal == end ? end : -1
    }

    private static func compareRequest(_ octets: [UInt8]) -> Outcome {
        let arena = Arena()
        let bytes = octets.withUnsafeBytes { arena.copy(Bytes($0)) }
        let expected = Result { () throws(ReferenceError) in try ReferenceRequest(octets) }
        let end = endOfHead(bytes)
        guard let end else {
            if case .success(let reference) = expected {
                return .wrong("no end found, not \(reference.used)")
            }
            return .refused
        }
        if end < 0 { return .wrong("the end of the head depends on the pieces") }
        var head = RequestHead()
        do throws(HeadError) {
            let framing = try HeadParser.request(bytes.slice(0, end), into: &head)
            guard case .success(let reference) = expected else { return .wrong("accepted, not \(expected)") }
            if reference.used != end { return .wrong("\(end) octets, not \(reference.used)") }
            if head.method.array != reference.method { return .wrong("method \(head.method.string)") }
            if head.target.array != reference.target { return .wrong("target \(head.target.string)") }
            if head.minor != min(1, reference.minor) { return .wrong("minor version \(head.minor)") }
            if framing != reference.framing { return .wrong("framing \(framing), not \(reference.framing)") }
            if let wrong = compare(head.headers, reference.fields) { return .wrong(wrong) }
            head.takeOriginForm(in: arena)
            if head.target.array != reference.path { return .wrong("path \(head.target.string)") }
            let host = head.headers.contains(.host) ? head.headers[.host].array : nil
            if host != reference.host { return .wrong("host \(head.headers[.host].string)") }
            return .accepted
        } catch {
            switch expected {
            case .success: return .wrong("refused: \(error)")
            case .failure(.incomplete): return .wrong("refused before its end: \(error)")
            case .failure(.malformed): return .refused
            }
        }
    }

    private static func compareResponse(_ octets: [UInt8], to method: StaticString) -> Outcome {
        let arena = Arena()
        let bytes = octets.withUnsafeBytes { arena.copy(Bytes($0)) }
        let expected = Result { () throws(ReferenceError) in try ReferenceResponse(octets, to: "\(method)") }
        let end = endOfHead(bytes)
        guard let end else {
            if case .success(let reference) = expected {
                return .wrong("no end found, not \(reference.used)")
            }
            return .refused
        }
        if end < 0 { return .wrong("the end of the head depends on the pieces") }
        var head = ResponseHead()
        do throws(HeadError) {
            try HeadParser.response(bytes.slice(0, end), into: &head)
            let framing = try HeadParser.responseFraming(head, method: Bytes(method))
            guard case .success(let reference) = expected else { return .wrong("accepted, not \(expected)") }
            if reference.used != end { return .wrong("\(end) octets, not \(reference.used)") }
            if head.status != reference.status { return .wrong("status \(head.status)") }
            if head.reason.array != reference.reason { return .wrong("reason \(head.reason.string)") }
            if head.minor != min(1, reference.minor) { return .wrong("minor version \(head.minor)") }
            if framing != reference.framing { return .wrong("framing \(framing), not \(reference.framing)") }
            if let wrong = compare(head.headers, reference.fields) { return .wrong(wrong) }
            return .accepted
        } catch {
            switch expected {
            case .success: return .wrong("refused: \(error)")
            case .failure(.incomplete): return .wrong("refused before its end: \(error)")
            case .failure(.malformed): return .refused
            }
        }
    }

    /// What differs. Equal lengths have been made one line, so that they are compared apart.
    private static func compare(_ list: HeaderList, _ fields: ReferenceFields) -> String? {
        let length = Array("content-length".utf8)
        let ours = list.fields.map { ($0.name.array, $0.value.array) }
        let isPlain = ours.filter { Octet.lowercase($0.0) == length }.count <= 1
        let found = ours.filter { Octet.lowercase($0.0) != length }
        let expected = fields.lines.filter { Octet.lowercase($0.name) != length }
        guard found.count == expected.count else { return "\(found.count) headers, not \(expected.count)" }
        for (ours, theirs) in zip(found, expected) where ours.0 != theirs.name || ours.1 != theirs.value {
            return "header \(String(decoding: ours.0 + [58] + ours.1, as: UTF8.self))"
        }
        for field in list.fields where field.hash != HeaderName.hash(field.name) {
            return "hash of \(field.name.string)"
        }
        let members = fields.members("content-length")
        if Set(members).count == 1 {
            if !isPlain || list[.contentLength].array != members[0] { return "lengths are not one" }
        }
        return nil
    }

    // MARK: chunks

    private static func compareChunks(_ octets: [UInt8], _ random: inout SeededRandom) -> Outcome {
        let expected: ChunkResult
        do throws(ReferenceError) {
            let reference = try ReferenceChunks(octets)
            let body = String(decoding: reference.body, as: UTF8.self)
            expected = .body(body, rest: octets.count - reference.used)
        } catch {
            expected = error == .incomplete ? .incomplete : .malformed
        }
        var cuts: [[Int]] = [[], Array(octets.indices)]
        // Each place for short ones, some for long ones.
        cuts += octets.count < 200 ? octets.indices.map { [$0] } : []
        for _ in 0..<4 {
            cuts.append((0..<1 + random.below(6)).map { _ in random.below(octets.count + 1) }.sorted())
        }
        for cut in cuts {
            let result = ChunkResult.decode(octets, cutAt: cut)
            if result != expected { return .wrong("\(result), not \(expected), cut at \(cut)") }
        }
        if case .body = expected { return .accepted }
        return .refused
    }
}
