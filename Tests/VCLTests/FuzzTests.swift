import Diagnostics
import Foundation
import Kernel
import Testing
import VCL

/// Random texts through lexer, parser and formatter. A short run by default; `FUZZ_SECONDS=3600 FUZZ_SEED=7`
/// makes it long, and what fails prints its seed; a long run says how far it is.
@Suite struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = Double(environment["FUZZ_SECONDS"] ?? "") ?? 0.4
    private static let seed = UInt64(environment["FUZZ_SEED"] ?? "") ?? 1

    @Test func formattingRandomProgramsChangesNothingTheySay() throws {
        try run { seed in (RandomProgram.make(seed: seed), true) }
    }

    @Test func noMutationOfAProgramBreaksTheReading() throws {
        let golden = FormatterTests.golden
        let texts = try golden.names.map { try golden.input($0) } + [FuzzTests.mistakes]
        try run { seed in
            var random = SeededRandom(seed: seed)
            var text = Array((random.chance(80) ? random.pick(texts) : RandomProgram.make(seed: seed)).utf8)
            for _ in 0...random.below(6) { Mutation.apply(to: &text, texts, &random) }
            return (String(decoding: text.prefix(20_000), as: UTF8.self), false)
        }
    }

    private static let mistakes =
        "sub a { set b = ; if c { } } } acl d { \"a/8\" } table e { f: g; } penaltybox h { x }"

    /// Checks texts until the time is over; each must be read in a second, and none may leave memory behind.
    private func run(_ make: (UInt64) throws -> (text: String, parses: Bool)) throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(FuzzTests.seconds)
        var seed = FuzzTests.seed
        let before = residentBytes()
        var slowest = Duration.zero
        var failures = 0
        repeat {
            let (text, parses) = try make(seed)
            let began = FuzzTests.processorTime()
            if !check(text, seed, parses) { failures += 1 }
            slowest = max(slowest, FuzzTests.processorTime() - began)
            seed &+= 1
            if FuzzTests.seconds > 1, seed % 10_000 == 0 { print("fuzz: seed \(seed)") }
        } while clock.now < end && failures < 5
        #expect(slowest < .seconds(2), "the slowest text took \(slowest)")
        #expect(
            residentBytes() - before < 300 << 20, "memory grew from \(before) bytes to \(residentBytes())")
    }

    /// What this thread has computed: a machine that is busy with something else makes no text slow.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private func check(_ text: String, _ seed: UInt64, _ parses: Bool) -> Bool {
        let source = SourceFile(name: "t.vcl", text: text)
        let (_, mistakes) = Parser.parse(source, file: 0)
        let (_, others) = Parser.body(source, file: 0)
        _ = Parser.expression(source, file: 0)
        var wrong = FormatCheck.complaint(about: text)
        if parses, !mistakes.isEmpty { wrong = mistakes.placed(in: SourceSet([source])).rendered() }
        if let mistake = (mistakes + others).first(where: { $0.span.end > source.bytes.count + 1 }) {
            wrong = "\(mistake) lies behind the end"
        }
        if mistakes.count > 200 { wrong = "\(mistakes.count) mistakes" }
        guard let wrong else { return true }
        Issue.record("seed \(seed): \(wrong)\nin\n\(text)")
        return false
    }

    /// What the process has in memory; zero where the system does not say.
    private func residentBytes() -> Int {
        guard
            let words = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
                separator: " "),
            words.count > 1, let pages = Int(words[1])
        else { return 0 }
        return pages * 4096
    }
}

/// One change to a text: what fingers, merges and bad luck do to programs.
enum Mutation {
    private static let soup: [String] = [
        "{", "}", "(", ")", ";", ",", ":", "\"", "{\"", "\"}", "/*", "*/", "//", "#", "#FASTLY recv", "\n",
        "if", "else",
        "set", "sub a {", "acl b", "table c {", "case \"a\":", "default:", "!", "-", "+", "=", "==", "~",
        "&&", "||", "&",
        "%", "1", "10s", "0x", "1e", ".", ".host", "*", "C!", "pragma x;", "declare local var.a INTEGER",
        "error", "'", "\u{0}",
        "é", "\u{201C}", "return", "rol=", "describe d {", "before_recv {", "penaltybox p {", "include",
        "label:", "/", "\\",
    ]

    static func apply(to text: inout [UInt8], _ others: [String], _ random: inout SeededRandom) {
        guard !text.isEmpty else { return text = Array("sub a { }".utf8) }
        let place = random.below(text.count)
        let end = min(text.count, place + random.below(random.chance(80) ? 12 : 200))
        switch random.below(7) {
        case 0: text.removeSubrange(place..<end)
        case 1: text.insert(contentsOf: Array(random.pick(soup).utf8), at: place)
        case 2: text.insert(contentsOf: Array((" " + random.pick(soup) + " ").utf8), at: place)
        case 3: text[place] = UInt8(random.below(256))
        case 4: text.insert(contentsOf: text[place..<end], at: random.below(text.count))
        case 5:
            let other = Array(random.pick(others).utf8)
            let from = random.below(other.count)
            text.insert(contentsOf: other[from..<min(other.count, from + random.below(120))], at: place)
        default: text.swapAt(place, random.below(text.count))
        }
    }
}
