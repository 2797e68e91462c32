package import Kernel
package import VCL

/// One value with its type, for whoever looks at a program from outside: tests, traces, `hq vcl eval`. Programs that
/// serve never make one. Times are nanoseconds; BACKEND, ACL and TABLE are places in the program's lists.
package enum Value: Sendable {
    case string(Bytes)
    case bool(Bool)
    case integer(Int64)
    case float(Double)
    case time(Int64)
    case rtime(Int64)
    case ip(IPAddress)
    case backend(Int64)
    case acl(Int)
    case table(Int)
    case id(String)
    case void

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
        case .id: .id
        case .void: .void
        }
    }

    /// As VCL writes it where a STRING is wanted; an ACL, a TABLE and an ID as their names, nothing as "not set".
    package func text(_ context: Context) -> Bytes {
        let arena = context.arena
        return switch self {
        case .string(let value): value
        case .bool(let value): value ? Bytes("1") : Bytes("0")
        case .integer(let value): Format.integer(value, in: arena)
        case .float(let value): Format.float(value, in: arena)
        case .time(let value): Format.time(value, in: arena)
        case .rtime(let value): Format.float(Double(value) / 1e9, in: arena)
        case .ip(let value): value == .notSet ? .notSet : Format.address(value, in: arena)
        case .backend(let value): context.snapshot.program.backendName(Int(value))
        case .acl(let place): arena.copy(context.snapshot.program.accessLists[place].name)
        case .table(let place): arena.copy(context.snapshot.program.tables[place].name)
        case .id(let name): arena.copy(name)
        case .void: .notSet
        }
    }

    var integer: Int64 {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value), .time(let value), .rtime(let value), .backend(let value): value
        case .float(let value): Int64(exactly: value.rounded(.towardZero)) ?? 0
        default: 0
        }
    }

    var float: Double {
        if case .float(let value) = self { value } else { Double(integer) }
    }

    /// What a condition makes of it.
    package var isTrue: Bool {
        switch self {
        case .bool(let value): value
        case .string(let value): value.isSet
        default: false
        }
    }
}

extension Code {
    /// The value as the enumeration that observers look at.
    package var value: @Sendable (Context) -> Value {
        switch self {
        case .string(let code): { .string(code($0)) }
        case .bool(let code): { .bool(code($0)) }
        case .integer(let code): { .integer(code($0)) }
        case .float(let code): { .float(code($0)) }
        case .time(let code): { .time(code($0)) }
        case .rtime(let code): { .rtime(code($0)) }
        case .ip(let code): { .ip(code($0)) }
        case .backend(let code): { .backend(code($0)) }
        case .acl(let code): { .acl(Int(code($0))) }
        case .table(let place): { _ in .table(place) }
        case .regexArgument(let regex): { .string($0.arena.copy(regex.pattern)) }
        case .regex(let code):
            { context in .string(code(context).map { context.arena.copy($0.pattern) } ?? .notSet) }
        case .id(let name): { _ in .id(name) }
        case .void(let step):
            {
                _ = step($0)
                return .void
            }
        }
    }

    /// The same, unless an observer of the request has put another value in its place.
    func replaceable(_ name: String) -> Code {
        @Sendable func other(_ context: Context) -> Value? { context.observer?.injected(name) }
        return switch self {
        case .string(let code): .string { context in other(context)?.text(context) ?? code(context) }
        case .bool(let code): .bool { context in other(context)?.isTrue ?? code(context) }
        case .integer(let code): .integer { context in other(context)?.integer ?? code(context) }
        case .float(let code): .float { context in other(context)?.float ?? code(context) }
        case .time(let code): .time { context in other(context)?.integer ?? code(context) }
        case .rtime(let code): .rtime { context in other(context)?.integer ?? code(context) }
        case .backend(let code): .backend { context in other(context)?.integer ?? code(context) }
        case .acl(let code): .acl { context in other(context)?.integer ?? code(context) }
        case .ip(let code):
            .ip { context in
                switch other(context) {
                case .ip(let address): address
                case let value?: IPAddress(value.text(context).string) ?? .unspecified
                case nil: code(context)
                }
            }
        case .table, .regexArgument, .regex, .id, .void: self
        }
    }
}

extension Context {
    /// Puts a value into a local variable's storage, converted to its kind.
    func store(_ value: Value, in local: Local) {
        switch local.type {
        case .string: strings[local.slot] = value.text(self)
        case .float: floats[local.slot] = value.float
        case .ip: if case .ip(let address) = value { addresses[local.slot] = address }
        default: integers[local.slot] = value.integer
        }
    }
}

extension Code {
    /// An expression whose value is made elsewhere; nil for types that no expression has.
    package init?(_ type: ValueType, _ value: @escaping @Sendable (Context) -> Value) {
        switch type {
        case .string: self = .string { value($0).text($0) }
        case .bool: self = .bool { value($0).isTrue }
        case .integer: self = .integer { value($0).integer }
        case .time: self = .time { value($0).integer }
        case .rtime: self = .rtime { value($0).integer }
        case .backend: self = .backend { value($0).integer }
        case .float: self = .float { value($0).float }
        case .ip: self = .ip { if case .ip(let address) = value($0) { address } else { .unspecified } }
        case .acl, .table, .regex, .id, .void: return nil
        }
    }
}

extension Context {
    /// Puts another table in one's place, for this request alone.
    package func replace(table place: Int, with table: Table) {
        snapshot = snapshot.replacing(place: place, with: table, number: snapshot.number)
    }

    /// Whether the pattern is found; the groups of the last match stay.
    package func finds(_ regex: Regex, in subject: Bytes) -> Bool { regex.match(subject, scratch) }
}
