import HTTP1
import Kernel
import VCL

extension Functions {
    static let strings: [Function] = [
        Function("std.tolower", [.string], .string, "The text in lower case; ASCII letters alone change.") {
            $0.text { text, context in Text.mapped(text, in: context.arena) { lowercased($0) } }
        },
        Function("std.toupper", [.string], .string, "The text in upper case; ASCII letters alone change.") {
            $0.text { text, context in
                Text.mapped(text, in: context.arena) { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
            }
        },
        Function("std.strlen", [.string], .integer, "How many bytes the text has; 0 when it is not set.") {
            let text = $0.string(0)
            return .integer { Int64(text($0).count) }
        },
        Function(
            "std.strstr", [.string, .string], .string,
            "The text from the first place on where the second one begins; not set when it is nowhere."
        ) {
            $0.textOfTwo { text, needle, _ in
                text.firstIndex(of: needle).map { text.slice($0, text.count) } ?? .notSet
            }
        },
        Function("std.strrev", [.string], .string, "The bytes of the text in reverse; not set beyond ASCII.")
        {
            $0.text { text, context in
                guard text.buffer.allSatisfy({ $0 < 0x80 }) else { return .notSet }
                return Text.reversed(text, in: context.arena)
            }
        },
        Function(
            "std.strrep", [.string, .integer], .string,
            "The text so many times in a row; none for a negative number. Results are bounded (ESESOOM)."
        ) {
            let (text, times) = ($0.string(0), $0.integer(1))
            return .string { Text.repeated(text($0), times($0), $0) }
        },
        Function(
            "std.strpad", [.string, .integer, .string], .string,
            """
            The text filled up to so many bytes with the third one: before it, or behind it for a negative \
            width.
            """
        ) {
            let (text, width, pad) = ($0.string(0), $0.integer(1), $0.string(2))
            return .string { context in
                let value = text(context)
                let count = width(context)
                return Text.padded(value, count, pad(context), context)
            }
        },
        Function(
            "std.basename", [.string], .string, "What stands behind the last slash of a path."
        ) {
            $0.text { text, _ in text.isSet ? Target.basename(text) : .notSet }
        },
        Function("std.dirname", [.string], .string, "What stands before the last slash of a path.") {
            $0.text { text, _ in text.isSet ? Target.dirname(text) : .notSet }
        },
        Function(
            "substr", [.string, .integer, .integer], .string, required: 2,
            """
            Part of a text by offset and length in bytes; negative ones count from the end. Not set when \
            it lies outside.
            """
        ) { arguments in
            let (text, offset) = (arguments.string(0), arguments.integer(1))
            guard arguments.count > 2 else {
                return .string { Text.substring(text($0), offset($0), nil) }
            }
            let length = arguments.integer(2)
            return .string { Text.substring(text($0), offset($0), length($0)) }
        },
        Function(
            "if", [.bool, .string, .string], .string,
            "The second argument if the first is true, else the third."
        ) {
            let (test, yes, no) = ($0.bool(0), $0.string(1), $0.string(2))
            return .string { test($0) ? yes($0) : no($0) }
        },
    ]

    static let stringTests: [Function] = [
        Function(
            "std.prefixof", [.string, .string], .bool, "Whether the text begins with the second one."
        ) {
            $0.testOfTwo { $0.hasPrefix($1) }
        },
        Function("std.suffixof", [.string, .string], .bool, "Whether the text ends with the second one.") {
            $0.testOfTwo { $0.hasSuffix($1) }
        },
        Function(
            "std.strcasecmp", [.string, .string], .bool,
            "Whether both texts are set and equal without regard to the case of ASCII letters."
        ) {
            $0.testOfTwo { $0.isSet && $1.isSet && $0.equalsIgnoringCase($1) }
        },
    ]

    static let replacements: [Function] = [
        Function(
            "std.replace", [.string, .string, .string], .string,
            "The text with the first occurrence of the second one replaced by the third; no patterns."
        ) {
            $0.textOfThree { Text.replaced($0, $1, $2, all: false, $3) }
        },
        Function(
            "std.replaceall", [.string, .string, .string], .string,
            "The text with every occurrence of the second one replaced by the third; no patterns."
        ) {
            $0.textOfThree { Text.replaced($0, $1, $2, all: true, $3) }
        },
        Function(
            "std.replace_prefix", [.string, .string, .string], .string,
            "The text with the third one in place of the second, if it begins with that."
        ) {
            $0.textOfThree { text, target, replacement, context in
                guard text.isSet, target.count > 0, text.hasPrefix(target) else { return text }
                return context.concatenate(replacement, text.slice(target.count, text.count))
            }
        },
        Function(
            "std.replace_suffix", [.string, .string, .string], .string,
            "The text with the third one in place of the second, if it ends with that."
        ) {
            $0.textOfThree { text, target, replacement, context in
                guard text.isSet, target.count > 0, text.hasSuffix(target) else { return text }
                return context.concatenate(text.slice(0, text.count - target.count), replacement)
            }
        },
        Function(
            "regsub", [.string, .pattern, .string], .string,
            """
            The text with the first match of a pattern replaced; \\1 to \\9 stand for its groups, \\0 for \
            all of it. EREGRECUR when matching has no end.
            """
        ) {
            let (text, regex, replacement) = ($0.string(0), $0.regex(1), $0.string(2))
            return .string { Substitution.run(text($0), regex, replacement($0), all: false, $0) }
        },
        Function(
            "regsuball", [.string, .pattern, .string], .string,
            "The text with every match of a pattern replaced, as regsub does with the first."
        ) {
            let (text, regex, replacement) = ($0.string(0), $0.regex(1), $0.string(2))
            return .string { Substitution.run(text($0), regex, replacement($0), all: true, $0) }
        },
    ]

    static let escapes: [Function] = [
        Function(
            "json.escape", [.string], .string,
            "The text for between the quotes of a JSON string; not set, with EUTF8, for broken UTF-8."
        ) { $0.text { Escapes.json($0, $1) } },
        Function(
            "xml_escape", [.string], .string, "The text with &, <, > and both quotes as XML entities."
        ) { $0.text { Escapes.xml($0, $1) } },
        Function(
            "cstr_escape", [.string], .string,
            "The text with C's escapes, and \\xHH for all beyond printable ASCII."
        ) { $0.text { Escapes.c($0, $1) } },
        Function(
            "urlencode", [.string], .string, "The text with all but letters, digits and -._~ percent-encoded."
        ) { $0.text { Percent.encode($0, $1) } },
        Function(
            "urldecode", [.string], .string,
            "The text without percent encoding, a plus as a space; it ends at a decoded NUL."
        ) { $0.text { Text.untilNUL(Percent.decode($0, plus: true, $1)) } },
        Function(
            "url.normalize", [.string], .string,
            """
            An http or https URL, or a path, in its one normal form: case, default port, needless escapes, \
            dot segments, no fragment.
            """
        ) { $0.text { URLNormalization.run($0, $1) } },
    ]

    static let unicode: [Function] = [
        Function("utf8.is_valid", [.string], .bool, "Whether the text is proper UTF-8.") {
            $0.test { UTF8Text.isValid($0) }
        },
        Function(
            "utf8.codepoint_count", [.string], .integer,
            "How many code points the text has; 0 with EUTF8 for broken UTF-8."
        ) {
            let text = $0.string(0)
            return .integer { context in
                if let count = UTF8Text.count(text(context)) { return Int64(count) }
                _ = context.fail("EUTF8")
                return 0
            }
        },
        Function(
            "utf8.substr", [.string, .integer, .integer], .string, required: 2,
            "substr with offset and length in code points; not set for broken UTF-8."
        ) { arguments in
            let (text, offset) = (arguments.string(0), arguments.integer(1))
            guard arguments.count > 2 else {
                return .string { UTF8Text.substring(text($0), offset($0), nil) }
            }
            let length = arguments.integer(2)
            return .string { UTF8Text.substring(text($0), offset($0), length($0)) }
        },
        Function(
            "utf8.strpad", [.string, .integer, .string], .string,
            "std.strpad with a width in code points; not set with EUTF8 for broken UTF-8."
        ) {
            let (text, width, pad) = ($0.string(0), $0.integer(1), $0.string(2))
            return .string { context in
                let value = text(context)
                let count = width(context)
                return UTF8Text.padded(value, count, pad(context), context)
            }
        },
    ]
}
