import Kernel
import VCL

extension Functions {
    private static let digits: StaticString = "0123456789abcdefghijklmnopqrstuvwxyz"

    static let numbers: [Function] = [
        Function(
            "std.atoi", [.string], .integer,
            "The decimal number that the text begins with; std.strtol with base 10."
        ) {
            let text = $0.string(0)
            return .integer { NumberText.integer(text($0), base: 10, $0) }
        },
        Function(
            "std.strtol", [.string, .integer], .integer,
            """
            The number that the text begins with, in a base from 2 to 36, or 0 to go by 0x and 0. \
            EPARSENUM when there is none, ERANGE when it or the base does not fit.
            """
        ) {
            let (text, base) = ($0.string(0), $0.integer(1))
            return .integer { NumberText.integer(text($0), base: base($0), $0) }
        },
        Function(
            "std.atof", [.string], .float, "The decimal FLOAT that the text is; std.strtof with base 10."
        ) {
            let text = $0.string(0)
            return .float { NumberText.float(text($0), base: 10, $0) }
        },
        Function(
            "std.strtof", [.string, .integer], .float,
            """
            The FLOAT that all of the text is, in base 10, in base 16 with 0x, or 0 for either; EPARSENUM \
            or ERANGE when it is none.
            """
        ) {
            let (text, base) = ($0.string(0), $0.integer(1))
            return .float { NumberText.float(text($0), base: base($0), $0) }
        },
        Function(
            "std.itoa", [.integer, .integer], .string, required: 1,
            """
            The number as text in a base from 2 to 36, 10 when it is left out; not set with EINVAL for \
            another.
            """
        ) {
            let (value, base) = ($0.integer(0), $0.integer(1, default: 10))
            return .string { context in
                let radix = base(context)
                guard (2...36).contains(radix) else { return context.fail("EINVAL") }
                return NumberText.text(
                    value(context), digits: Bytes(digits).slice(0, Int(radix)), in: context.arena)
            }
        },
        Function(
            "std.itoa_charset", [.integer, .string], .string,
            """
            The number as text with these digits, whose count is the base; not set with EINVAL for fewer \
            than two.
            """
        ) {
            let (value, charset) = ($0.integer(0), $0.string(1))
            return .string { context in
                let digits = charset(context)
                guard digits.count > 1 else { return context.fail("EINVAL") }
                return NumberText.text(value(context), digits: digits, in: context.arena)
            }
        },
    ]

    static let addresses: [Function] = [
        Function(
            "std.str2ip", [.string, .string], .ip,
            "The IP address that the first text is, else the second; not set when neither is one."
        ) { address($0) { IPAddress($0) } },
        Function("std.ip", [.string, .string], .ip, "The same as std.str2ip.") {
            address($0) { IPAddress($0) }
        },
        Function(
            "std.anystr2ip", [.string, .string], .ip,
            "std.str2ip that also reads one to four decimal, octal or hexadecimal numbers as an IPv4 address."
        ) { address($0) { NumberText.anyAddress($0) } },
        Function("std.ip2str", [.ip], .string, "The address as text.") {
            let address = $0.address(0)
            return Code.ip(address).asString.map { .string($0) } ?? .string { _ in .notSet }
        },
        Function("addr.is_ipv4", [.ip], .bool, "Whether the address is IPv4.") {
            let address = $0.address(0)
            return .bool { address($0).isIPv4 }
        },
        Function("addr.is_ipv6", [.ip], .bool, "Whether the address is IPv6.") {
            let address = $0.address(0)
            return .bool { context in
                let value = address(context)
                return !value.isIPv4 && value != .notSet
            }
        },
        Function(
            "addr.extract_bits", [.ip, .constant(0...127), .constant(0...32)], .integer,
            "Some bits of the address as a number, counted from its end; IPv4 has zeros before it.",
            unless: {
                ($0.constant(1) ?? 0) + ($0.constant(2) ?? 0) <= 128
                    ? nil : "the last of these bits is beyond the 128 of an address"
            }
        ) {
            let (address, from) = ($0.address(0), UInt64($0.constant(1) ?? 0))
            let mask = (UInt64(1) << UInt64($0.constant(2) ?? 0)) - 1
            return .integer { context in
                let value = address(context)
                guard value != .notSet else { return 0 }
                let (high, low) = value.isIPv4 ? (0, value.low & 0xFFFF_FFFF) : (value.high, value.low)
                let bits =
                    from >= 64 ? high >> (from - 64) : low >> from | (from > 0 ? high << (64 - from) : 0)
                return Int64(bits & mask)
            }
        },
    ]

    private static func address(
        _ arguments: Arguments, _ read: @escaping @Sendable (Bytes) -> IPAddress?
    ) -> Code {
        let (text, fallback) = (arguments.string(0), arguments.string(1))
        return .ip { read(text($0)) ?? IPAddress(fallback($0)) ?? .notSet }
    }
}
