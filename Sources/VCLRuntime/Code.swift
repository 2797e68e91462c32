import HTTP1
package import Kernel
package import VCL

package typealias StringCode = @Sendable (Context) -> Bytes
package typealias BoolCode = @Sendable (Context) -> Bool
package typealias IntegerCode = @Sendable (Context) -> Int64
package typealias FloatCode = @Sendable (Context) -> Double
package typealias AddressCode = @Sendable (Context) -> IPAddress
package typealias RegexCode = @Sendable (Context) -> Regex?
package typealias StepCode = @Sendable (Context) -> Flow

// Code in a list, an element each. A list of bare closures would wrap each of them when it is put in, for generic code calls
// closures in a way of its own, and once more when it is taken out: two more to make, and two more to pass through at run time.

struct Step: Sendable {
    let run: StepCode

    init(_ run: @escaping StepCode) { self.run = run }

    func callAsFunction(_ context: Context) -> Flow { run(context) }
}

struct Piece: Sendable {
    let run: StringCode

    init(_ run: @escaping StringCode) { self.run = run }

    /// Nil for what has no text.
    init?(_ code: Code) {
        guard let text = code.asString else { return nil }
        run = text
    }

    func callAsFunction(_ context: Context) -> Bytes { run(context) }
}

/// A compiled expression. TIME and RTIME are nanoseconds (since 1970, and long); BACKEND, ACL and TABLE are places in the
/// program's lists.
package enum Code: Sendable {
    case string(StringCode)
    case bool(BoolCode)
    case integer(IntegerCode)
    case float(FloatCode)
    case time(IntegerCode)
    case rtime(IntegerCode)
    case ip(AddressCode)
    case backend(IntegerCode)
    case acl(IntegerCode)
    case table(Int)
    /// A pattern that is written out, as an argument of a built-in.
    case regexArgument(Regex)
    /// A pattern that is found at run time, in a table; nil matches nothing.
    case regex(RegexCode)
    case id(String)
    case void(StepCode)

    package var type: ValueType {
        switch self {
        case .string: .string
        case .bool: .bool
        case .integer: .integer
        case .float: .float
        case .time: .time
        case .rtime: .rtime
        case .ip: .ip
        case .backend: .backend
        case .acl: .acl
        case .table: .table
        case .regexArgument, .regex: .regex
        case .id: .id
        case .void: .void
        }
    }

    /// As text, by the rules of the manual's page on types; nil where there is no such conversion.
    package var asString: StringCode? {
        switch self {
        case .string(let code): code
        case .bool(let code): { code($0) ? Bytes("1") : Bytes("0") }
        case .integer(let code): { Format.integer(code($0), in: $0.arena) }
        case .float(let code): { Format.float(code($0), in: $0.arena) }
        case .time(let code): { Format.time(code($0), in: $0.arena) }
        case .rtime(let code): { Format.float(Double(code($0)) / 1e9, in: $0.arena) }
        case .ip(let code):
            { context in
                let address = code(context)
                return address == .notSet ? .notSet : Format.address(address, in: context.arena)
            }
        case .backend(let code): { $0.snapshot.program.backendName(Int(code($0))) }
        case .acl, .table, .regexArgument, .regex, .id, .void: nil
        }
    }

    /// The same, empty where a STRING is not set: what a local variable keeps of it.
    var neverNotSet: Code {
        guard case .string(let code) = self else { return self }
        return .string { context in
            let value = code(context)
            return value.isSet ? value : .empty
        }
    }

    /// As a condition: a BOOL, or whether a STRING is set.
    package var asCondition: BoolCode? {
        switch self {
        case .bool(let code): code
        case .string(let code): { code($0).isSet }
        default: nil
        }
    }
}

/// Numbers as VCL writes them, without Foundation.
package enum Format {
    package static func integer(_ value: Int64, in arena: Arena) -> Bytes {
        let room = 20
        let to = arena.allocate(room)
        var at = room
        var left = value.magnitude
        repeat {
            at -= 1
            to[at] = UInt8(0x30 + left % 10)
            left /= 10
        } while left > 0
        if value < 0 {
            at -= 1
            to[at] = 0x2D
        }
        return Bytes(start: to + at, count: room - at)
    }

    /// Three decimals.
    package static func float(_ value: Double, in arena: Arena) -> Bytes {
        guard value.isFinite else {
            return value.isNaN ? Bytes("NaN") : value < 0 ? Bytes("-inf") : Bytes("inf")
        }
        guard abs(value) < 9e15 else { return arena.copy("\(value)") }
        let thousandths = Int64((value * 1000).rounded())
        let whole = integer(thousandths / 1000, in: arena)
        let rest = Int(thousandths.magnitude % 1000)
        let digits = arena.allocate(4)
        digits[0] = 0x2E
        digits[1] = UInt8(0x30 + rest / 100)
        digits[2] = UInt8(0x30 + rest / 10 % 10)
        digits[3] = UInt8(0x30 + rest % 10)
        let sign = thousandths < 0 && thousandths > -1000 ? Bytes("-") : .empty
        return arena.concatenate([sign, whole, Bytes(start: digits, count: 4)])
    }

    /// An HTTP date; before 1970 there is none, which is how built-ins say that a time could not be made.
    package static func time(_ nanoseconds: Int64, in arena: Arena) -> Bytes {
        guard nanoseconds >= 0 else { return Bytes("datetime out of bounds") }
        return HTTPDate.bytes(nanoseconds / 1_000_000_000, in: arena)
    }

    package static func address(_ address: IPAddress, in arena: Arena) -> Bytes {
        guard address.isIPv4 else { return arena.copy(address.description) }
        let v = UInt32(truncatingIfNeeded: address.low)
        let to = arena.allocate(15)
        var at = 0
        for shift: UInt32 in [24, 16, 8, 0] {
            let byte = UInt8(truncatingIfNeeded: v >> shift)
            if byte >= 100 { put(0x30 + byte / 100) }
            if byte >= 10 { put(0x30 + byte / 10 % 10) }
            put(0x30 + byte % 10)
            if shift > 0 { put(0x2E) }
        }
        func put(_ byte: UInt8) {
            to[at] = byte
            at += 1
        }
        arena.shrink(reserved: 15, kept: at)
        return Bytes(start: to, count: at)
    }
}
