import Kernel

/// The operators of `set` besides `=`. Integers wrap at 64 bits; a division by zero sets `fastly.error` and leaves 0.
enum Arithmetic {
    static func combine(_ current: Code, _ operation: String, _ operand: Code) -> Code? {
        switch (current, operand) {
        case (.string(let a), .string(let b)) where operation == "+=":
            .string { context in
                let left = a(context)
                return context.concatenate(left, b(context))
            }
        case (.integer(let a), .integer(let b)):
            integer(operation).map { f in .integer { f($0, a($0), b($0)) } }
        case (.float(let a), .float(let b)): float(operation).map { f in .float { f($0, a($0), b($0)) } }
        case (.rtime(let a), .rtime(let b)): sum(operation).map { f in .rtime { f(a($0), b($0)) } }
        case (.time(let a), .rtime(let b)): sum(operation).map { f in .time { f(a($0), b($0)) } }
        case (.rtime(let a), .integer(let b)):
            scale(operation).map { f in .rtime { nanoseconds(f(Double(a($0)), Double(b($0))) / 1e9) } }
        case (.rtime(let a), .float(let b)):
            scale(operation).map { f in .rtime { nanoseconds(f(Double(a($0)), b($0)) / 1e9) } }
        case (.bool(let a), .bool(let b)) where operation == "&&=": .bool { a($0) && b($0) }
        case (.bool(let a), .bool(let b)) where operation == "||=": .bool { a($0) || b($0) }
        default: nil
        }
    }

    private static func integer(_ operation: String) -> (@Sendable (Context, Int64, Int64) -> Int64)? {
        switch operation {
        case "+=": { $1 &+ $2 }
        case "-=": { $1 &- $2 }
        case "*=": { $1 &* $2 }
        case "/=": { divide($0, $1, $2) { $0.dividedReportingOverflow(by: $1).partialValue } }
        case "%=": { divide($0, $1, $2) { $0.remainderReportingOverflow(dividingBy: $1).partialValue } }
        case "&=": { $1 & $2 }
        case "|=": { $1 | $2 }
        case "^=": { $1 ^ $2 }
        case "<<=": { $1 << $2 }
        case ">>=": { $1 >> $2 }
        case "rol=": { rotate($1, left: $2) }
        case "ror=": { rotate($1, left: 64 - ($2 & 63)) }
        default: nil
        }
    }

    private static func divide(_ context: Context, _ a: Int64, _ b: Int64, _ body: (Int64, Int64) -> Int64)
        -> Int64
    {
        guard b != 0 else {
            context.lastError = Bytes("EDIV0")
            return 0
        }
        return body(a, b)
    }

    private static func rotate(_ value: Int64, left bits: Int64) -> Int64 {
        let raw = UInt64(bitPattern: value)
        let by = UInt64(bits & 63)
        return by == 0 ? value : Int64(bitPattern: raw << by | raw >> (64 - by))
    }

    private static func float(_ operation: String) -> (@Sendable (Context, Double, Double) -> Double)? {
        switch operation {
        case "+=": { $1 + $2 }
        case "-=": { $1 - $2 }
        case "*=": { $1 * $2 }
        case "/=":
            { context, a, b in
                if b == 0 { context.lastError = Bytes("EDIV0") }
                return a / b
            }
        case "%=": { $2 == 0 ? .nan : $1.truncatingRemainder(dividingBy: $2) }
        default: nil
        }
    }

    private static func sum(_ operation: String) -> (@Sendable (Int64, Int64) -> Int64)? {
        switch operation {
        case "+=": { $0 &+ $1 }
        case "-=": { $0 &- $1 }
        default: nil
        }
    }

    private static func scale(_ operation: String) -> (@Sendable (Double, Double) -> Double)? {
        switch operation {
        case "*=": { $0 * $1 }
        case "/=": { $1 == 0 ? 0 : $0 / $1 }
        default: nil
        }
    }
}
