import Kernel

/// `regsub` and `regsuball`; `\1` to `\9` and `\0` stand for groups. Leaves `re.group.N` alone.
enum Substitution {
    static func run(_ text: Bytes, _ regex: Regex, _ replacement: Bytes, all: Bool, _ context: Context)
        -> Bytes
    {
        guard text.isSet else { return .notSet }
        var pieces: [Bytes] = []
        var from = 0
        var total = 0
        while from <= text.count, regex.match(text, from: from, context.scratch),
            let (lower, upper) = context.scratch.range(0)
        {
            let known = pieces.count
            pieces.append(text.slice(min(from, lower), lower))
            expand(replacement, text, context.scratch, into: &pieces)
            if upper == lower {
                if lower < text.count { pieces.append(text.slice(lower, lower + 1)) }
                from = lower + 1
            } else {
                from = upper
            }
            total = pieces[known...].reduce(total) { $0 + $1.count }
            guard context.mayMake(total) else { return .notSet }
            if !all { break }
        }
        if context.scratch.gaveUp { context.lastError = Bytes("EREGRECUR") }
        guard !pieces.isEmpty else { return text }
        if from < text.count { pieces.append(text.slice(from, text.count)) }
        return context.concatenate(pieces)
    }

    private static func expand(
        _ replacement: Bytes, _ text: Bytes, _ scratch: RegexScratch, into pieces: inout [Bytes]
    ) {
        var from = 0
        while let slash = replacement.firstIndex(of: 0x5C, from: from), slash + 1 < replacement.count {
            pieces.append(replacement.slice(from, slash))
            let next = replacement[slash + 1]
            if next &- 0x30 < 10 {
                if let (lower, upper) = scratch.range(Int(next - 0x30)) {
                    pieces.append(text.slice(lower, upper))
                }
            } else {
                pieces.append(replacement.slice(slash + (next == 0x5C ? 1 : 0), slash + 2))
            }
            from = slash + 2
        }
        pieces.append(replacement.slice(min(from, replacement.count), replacement.count))
    }
}
