import CPCRE2
import Kernel

/// A compiled pattern: PCRE2, with JIT where the machine has it once the pattern was prepared, and a bound on the work of one
/// match. Checking a program needs no machine code, so that it is made for what runs alone.
package final class Regex: @unchecked Sendable {
    /// Steps of one match; a pattern that needs more than this on a URL is an attack or a mistake.
    package static let matchLimit: UInt32 = 100_000
    /// `re.group.0` to `re.group.10`.
    package static let groups = 11

    let code: OpaquePointer
    /// Whether there is machine code.
    private(set) var jit = false
    /// How many groups the pattern has.
    let groupCount: Int
    package let pattern: String

    package struct Mistake: Error { package let message: String, offset: Int }

    package init(_ pattern: String) throws {
        var error: Int32 = 0
        var offset = 0
        let compiled = pattern.withBytes { pcre2_compile_8($0.start, $0.count, 0, &error, &offset, nil) }
        guard let compiled else {
            var text = [UInt8](repeating: 0, count: 256)
            let count = pcre2_get_error_message_8(error, &text, text.count)
            throw Mistake(
                message: String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self), offset: offset)
        }
        code = compiled
        var count: UInt32 = 0
        pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
        self.pattern = pattern
    }

    /// Makes the machine code. Nobody matches the pattern meanwhile.
    func prepare() { jit = pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE)) == 0 }

    deinit { pcre2_code_free_8(code) }

    /// Whether the pattern is found in `subject` from `offset` on; the offsets of its groups go to `scratch`.
    func match(_ subject: Bytes, from offset: Int = 0, _ scratch: RegexScratch) -> Bool {
        let start = subject.start ?? Bytes.emptyStart
        // The JIT entry needs a clean UTF-free pattern and an offset within the subject, which holds here.
        let result =
            jit
            ? pcre2_jit_match_8(code, start, subject.count, offset, 0, scratch.data, scratch.context)
            : pcre2_match_8(code, start, subject.count, offset, 0, scratch.data, scratch.context)
        scratch.gaveUp = result < PCRE2_ERROR_NOMATCH
        scratch.count = result == 0 ? Regex.groups : Int(result)
        return result >= 0
    }
}

/// What matching needs besides the pattern; one for each transaction, used again and again.
final class RegexScratch {
    let data: OpaquePointer
    let context: OpaquePointer
    let offsets: UnsafeMutablePointer<Int>
    var count = 0
    /// Whether the last match ended for another reason than that there is none: the work had no end.
    var gaveUp = false

    init() {
        data = pcre2_match_data_create_8(UInt32(Regex.groups), nil)
        context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, Regex.matchLimit)
        offsets = pcre2_get_ovector_pointer_8(data)
    }

    deinit {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
    }

    /// Where group `index` of the last match lies, or nil when it took no part.
    func range(_ index: Int) -> (Int, Int)? {
        guard index < count else { return nil }
        let lower = offsets[index * 2]
        let upper = offsets[index * 2 + 1]
        return lower >= 0 && upper >= lower ? (lower, upper) : nil
    }
}
