import Diagnostics
import Kernel
import VCL
import VCLRuntime

/// Entries of an ACL that repeat or contradict others. The longest prefix decides, whatever the order.
enum Lists {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for declaration in program.declarations {
            guard case .acl(let entries) = declaration.kind else { continue }
            check(entries.compactMap { Entry($0, program) }, &findings)
        }
    }

    /// The first bits of an address.
    private struct Prefix: Hashable {
        let address: IPAddress
        let bits: Int

        init(_ address: IPAddress, _ bits: Int) {
            self.bits = bits
            let total = address.isIPv4 ? bits + 96 : bits
            let high: UInt64 = total >= 64 ? .max : total <= 0 ? 0 : .max << UInt64(64 - total)
            let low: UInt64 = total >= 128 ? .max : total <= 64 ? 0 : .max << UInt64(128 - total)
            self.address = IPAddress(high: address.high & high, low: address.low & low)
        }
    }

    private struct Entry {
        let prefix: Prefix
        let negated: Bool
        /// What is told about.
        let span: Span
        /// The whole entry with its `;`, for taking it out.
        let whole: Span
        let isIPv4: Bool

        init?(_ entry: ACLEntry, _ program: LintedProgram) {
            let written = Literals.string(program.text(entry.address), long: false)
            guard let address = IPAddress(written) else { return nil }
            let most = address.isIPv4 ? 32 : 128
            let bits = entry.bits.flatMap { Int(program.text($0)) } ?? most
            guard bits <= most else { return nil }
            prefix = Prefix(address, bits)
            negated = entry.negated
            isIPv4 = address.isIPv4
            span = entry.bits.map { entry.address.span.through($0.span) } ?? entry.address.span
            whole = Entry.statement(span, negated, program)
        }

        private static func statement(_ span: Span, _ negated: Bool, _ program: LintedProgram) -> Span {
            guard let bytes = program.sources.file(of: span)?.bytes else { return span }
            var start = span.start
            if negated {
                while start > 0, bytes[start] != UInt8(ascii: "!") { start -= 1 }
            }
            var end = span.end
            while end < bytes.count, bytes[end] != UInt8(ascii: ";") { end += 1 }
            return Span(file: Int(span.file), start: start, end: min(end + 1, bytes.count))
        }
    }

    private static func check(_ entries: [Entry], _ findings: inout Findings) {
        var byPrefix: [Prefix: Entry] = [:]
        for entry in entries {
            if let other = byPrefix[entry.prefix], other.isIPv4 == entry.isIPv4 {
                duplicate(entry, of: other, &findings)
            } else {
                byPrefix[entry.prefix] = entry
            }
        }
        let lengths = Set(byPrefix.keys.map(\.bits)).sorted(by: >)
        for entry in entries where byPrefix[entry.prefix]?.span == entry.span {
            let outer = lengths.lazy.filter { $0 < entry.prefix.bits }.compactMap {
                byPrefix[Prefix(entry.prefix.address, $0)]
            }.first { $0.isIPv4 == entry.isIPv4 }
            guard let outer, outer.negated == entry.negated else { continue }
            findings.add(
                "vcl/acl-overlap", entry.span, "a wider entry of this list says the same already",
                hint: "remove it, or the wider one",
                fixes: [findings.removal("remove the entry", entry.whole, safe: true)])
        }
    }

    private static func duplicate(_ entry: Entry, of other: Entry, _ findings: inout Findings) {
        guard entry.negated == other.negated else {
            return findings.add(
                "vcl/acl-overlap", entry.span, "this list says both yes and no to this address",
                hint: "remove one of the two")
        }
        findings.add(
            "vcl/acl-overlap", entry.span, "this entry stands twice",
            fixes: [findings.removal("remove the entry", entry.whole, safe: true)])
    }
}
