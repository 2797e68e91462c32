import Kernel
import VCL

extension Functions {
    static let tables: [Function] = [
        Function(
            "table.lookup", [.table(.string), .string, .string], .string, required: 2,
            "The value of exactly this key, else the third argument, else not set."
        ) { arguments in
            let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.string(2))
            return .string { context in
                let found = context.snapshot.table(table).lookup(key(context))
                return found.isSet ? found : fallback(context)
            }
        },
        Function(
            "table.contains", [.table(nil), .string], .bool,
            "Whether the table, of any type, has exactly this key."
        ) { arguments in
            let (table, key) = (arguments.table(0), arguments.string(1))
            return .bool { $0.snapshot.table(table).contains(key($0)) }
        },
    ]

    static let typedTables: [Function] = [
        Function(
            "table.lookup_bool", [.table(.bool), .string, .bool], .bool,
            "The BOOL of this key, else the third argument."
        ) { arguments in
            let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.bool(2))
            return .bool { context in
                context.snapshot.table(table).number(key(context)).map { $0 != 0 } ?? fallback(context)
            }
        },
        Function(
            "table.lookup_integer", [.table(.integer), .string, .integer], .integer,
            "The INTEGER of this key, else the third argument."
        ) { .integer(number($0)) },
        Function(
            "table.lookup_rtime", [.table(.rtime), .string, .rtime], .rtime,
            "The RTIME of this key, else the third argument."
        ) { .rtime(number($0)) },
        Function(
            "table.lookup_backend", [.table(.backend), .string, .backend], .backend,
            "The backend or director of this key, else the third argument."
        ) { .backend(number($0)) },
        Function(
            "table.lookup_acl", [.table(.acl), .string, .acl], .acl,
            "The ACL of this key, else the third argument, to match an address against with ~."
        ) { .acl(number($0)) },
        Function(
            "table.lookup_float", [.table(.float), .string, .float], .float,
            "The FLOAT of this key, else the third argument."
        ) { arguments in
            let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.float(2))
            return .float { $0.snapshot.table(table).float(key($0)) ?? fallback($0) }
        },
        Function(
            "table.lookup_ip", [.table(.ip), .string, .ip], .ip,
            "The IP of this key, else the third argument."
        ) { arguments in
            let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.address(2))
            return .ip { $0.snapshot.table(table).address(key($0)) ?? fallback($0) }
        },
        Function(
            "table.lookup_regex", [.table(.regex), .string], .regex,
            "The pattern of this key, to match a text against with ~; without one nothing matches."
        ) { arguments in
            let (table, key) = (arguments.table(0), arguments.string(1))
            return .regex { $0.snapshot.table(table).pattern(key($0)) }
        },
    ]

    private static func number(_ arguments: Arguments) -> IntegerCode {
        let (table, key, fallback) = (arguments.table(0), arguments.string(1), arguments.integer(2))
        return { $0.snapshot.table(table).number(key($0)) ?? fallback($0) }
    }
}
