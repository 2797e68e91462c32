import Crypto
import Kernel
import VCL

extension Functions {
    static let randomness: [Function] = [
        Function(
            "randombool", [.integer, .integer], .bool, "True with this probability: so many in so many."
        ) {
            let (numerator, denominator) = ($0.integer(0), $0.integer(1))
            return .bool { chance(numerator($0), denominator($0), &$0.random) }
        },
        Function(
            "randombool_seeded", [.integer, .integer, .integer], .bool,
            """
            randombool that gives the same for the same seed. Its choices are not those of Fastly's \
            generator.
            """
        ) {
            let (numerator, denominator, seed) = ($0.integer(0), $0.integer(1), $0.integer(2))
            return .bool { context in
                var random = SeededRandom(seed: UInt64(bitPattern: seed(context)))
                return chance(numerator(context), denominator(context), &random)
            }
        },
        Function(
            "randomint", [.integer, .integer], .integer,
            "A number from the first to the second; 0 when there is none."
        ) {
            let (low, high) = ($0.integer(0), $0.integer(1))
            return .integer { number(low($0), high($0), &$0.random) }
        },
        Function(
            "randomint_seeded", [.integer, .integer, .integer], .integer,
            """
            randomint that gives the same for the same seed. Its numbers are not those of Fastly's \
            generator.
            """
        ) {
            let (low, high, seed) = ($0.integer(0), $0.integer(1), $0.integer(2))
            return .integer { context in
                var random = SeededRandom(seed: UInt64(bitPattern: seed(context)))
                return number(low(context), high(context), &random)
            }
        },
        Function(
            "randomstr", [.integer, .string], .string, required: 1,
            "A text of so many characters, of letters, digits, - and _ or of those given; bounded (ESESOOM)."
        ) { arguments in
            let length = arguments.integer(0)
            let usual: StringCode = { _ in
                Bytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
            }
            let characters = arguments.count > 1 ? arguments.string(1) : usual
            return .string { text(length($0), characters($0), $0) }
        },
    ]

    private static func chance(
        _ numerator: Int64, _ denominator: Int64, _ random: inout SeededRandom
    ) -> Bool {
        guard numerator > 0 else { return false }
        guard denominator > 0 else { return true }
        return Int64.random(in: 0..<denominator, using: &random) < numerator
    }

    private static func number(_ low: Int64, _ high: Int64, _ random: inout SeededRandom) -> Int64 {
        low <= high ? Int64.random(in: low...high, using: &random) : 0
    }

    private static func text(_ length: Int64, _ characters: Bytes, _ context: Context) -> Bytes {
        guard characters.count > 0 else { return .notSet }
        guard length > 0 else { return .empty }
        // Characters are code points where the text has any, else bytes.
        let count = UTF8Text.count(characters)
        let widest = count == characters.count || count == nil ? 1 : 4
        guard length < VCLRuntimeLimits.stringBytes, context.mayMake(Int(length) * widest) else {
            return context.fail("ESESOOM")
        }
        var random = context.random
        var writer = ArenaWriter(context.arena, room: Int(length) * widest)
        for _ in 0..<length {
            let index = Int.random(in: 0..<(count ?? characters.count), using: &random)
            guard widest > 1 else {
                writer.put(characters[index])
                continue
            }
            let from = UTF8Text.offset(characters, of: index)
            let rest = characters.slice(from, characters.count)
            writer.put(rest.slice(0, UTF8Text.offset(rest, of: 1)))
        }
        context.random = random
        return writer.finish()
    }

    static let identifiers: [Function] = [
        Function("uuid.dns", [], .string, "The UUID of the namespace of domain names.") { _ in
            .string { _ in Bytes(UUIDText.dns) }
        },
        Function("uuid.url", [], .string, "The UUID of the namespace of URLs.") { _ in
            .string { _ in Bytes(UUIDText.url) }
        },
        Function("uuid.oid", [], .string, "The UUID of the namespace of ISO's object identifiers.") { _ in
            .string { _ in Bytes(UUIDText.oid) }
        },
        Function("uuid.x500", [], .string, "The UUID of the namespace of X.500 names.") { _ in
            .string { _ in Bytes(UUIDText.x500) }
        },
        Function("uuid.is_valid", [.string], .bool, "Whether the text is a UUID of 36 characters.") {
            $0.test { UUIDText.parse($0) != nil }
        },
        Function("uuid.is_version3", [.string], .bool, "Whether the text is a UUID made of a name with MD5.")
        {
            $0.test { UUIDText.isVersion(3, $0) }
        },
        Function("uuid.is_version4", [.string], .bool, "Whether the text is a random UUID.") {
            $0.test { UUIDText.isVersion(4, $0) }
        },
        Function(
            "uuid.is_version5", [.string], .bool, "Whether the text is a UUID made of a name with SHA-1."
        ) {
            $0.test { UUIDText.isVersion(5, $0) }
        },
        Function(
            "uuid.is_version7", [.string], .bool, "Whether the text is a UUID that begins with its time."
        ) {
            $0.test { UUIDText.isVersion(7, $0) }
        },
        Function(
            "uuid.version3", [.string, .string], .string,
            "The UUID of a name in a namespace by MD5; not set with EINVAL when the namespace is no UUID."
        ) { $0.textOfTwo { UUIDText.named(Insecure.MD5.self, version: 3, $0, $1, $2) } },
        Function(
            "uuid.version5", [.string, .string], .string,
            "The UUID of a name in a namespace by SHA-1; not set with EINVAL when the namespace is no UUID."
        ) { $0.textOfTwo { UUIDText.named(Insecure.SHA1.self, version: 5, $0, $1, $2) } },
        Function("uuid.version4", [], .string, "A new random UUID.") { _ in .string { UUIDText.random($0) } },
        Function(
            "uuid.version7", [], .string, "A new UUID that begins with the time, so that they sort by it."
        ) { _ in
            .string { UUIDText.ordered($0) }
        },
    ]
}
