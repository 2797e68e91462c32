import Kernel
import VCL

extension Functions {
    static let queries: [Function] = [
        Function(
            "querystring.get", [.string, .string], .string,
            """
            The value of the first parameter of this name in a URL, as it is written; not set without one, \
            or without its =.
            """
        ) { $0.textOfTwo { QueryString.get($0, $1, $2) } },
        Function(
            "querystring.add", [.string, .string, .string], .string,
            "The URL with a parameter at its end, name and value percent-encoded."
        ) { $0.textOfThree { QueryString.adding($0, $1, $2, $3) } },
        Function(
            "querystring.set", [.string, .string, .string], .string,
            "The URL with exactly one parameter of this name: in place of the first one, else at the end."
        ) { $0.textOfThree { QueryString.setting($0, $1, $2, $3) } },
        Function("querystring.remove", [.string], .string, "The URL without its query.") {
            $0.text { url, _ in Target.path(url) }
        },
        Function(
            "querystring.clean", [.string], .string,
            "The URL without parameters that have no name, and without a bare ?."
        ) { $0.text { QueryString.filtered($0, $1) { _ in true } } },
        Function(
            "querystring.sort", [.string, .bool], .string, required: 1,
            """
            The URL with its parameters by name; with true, the first of each name alone. More than 32 \
            stay as they are.
            """
        ) { sorted($0) },
        Function(
            "boltsort.sort", [.string, .bool], .string, required: 1, "The old name of querystring.sort."
        ) {
            sorted($0)
        },
        Function(
            "querystring.filtersep", [], .string,
            "What stands between the names that querystring.filter takes."
        ) { _ in .string { _ in Bytes("\u{1}") } },
    ]

    private static func sorted(_ arguments: Arguments) -> Code {
        let (url, unique) = (arguments.string(0), arguments.bool(1))
        return .string { QueryString.sorted(url($0), unique: unique($0), $0) }
    }

    static let queryFilters: [Function] = [
        Function(
            "querystring.filter", [.string, .string], .string,
            "The URL without the parameters of these names, between which stands querystring.filtersep()."
        ) { filtered($0, keeping: false) { QueryString.isListed($0, in: $1) } },
        Function(
            "querystring.filter_except", [.string, .string], .string,
            "The URL with the parameters of these names alone, between which stands querystring.filtersep()."
        ) { filtered($0, keeping: true) { QueryString.isListed($0, in: $1) } },
        Function(
            "querystring.globfilter", [.string, .string], .string,
            "The URL without the parameters whose names fit a pattern of * and ?."
        ) { filtered($0, keeping: false) { QueryString.matches($0, glob: $1) } },
        Function(
            "querystring.globfilter_except", [.string, .string], .string,
            "The URL with those parameters alone whose names fit a pattern of * and ?."
        ) { filtered($0, keeping: true) { QueryString.matches($0, glob: $1) } },
        Function(
            "querystring.regfilter", [.string, .pattern], .string,
            "The URL without the parameters whose names match a regular expression."
        ) { matched($0, keeping: false) },
        Function(
            "querystring.regfilter_except", [.string, .pattern], .string,
            "The URL with those parameters alone whose names match a regular expression."
        ) { matched($0, keeping: true) },
    ]

    private static func filtered(
        _ arguments: Arguments, keeping: Bool, _ test: @escaping @Sendable (Bytes, Bytes) -> Bool
    ) -> Code {
        arguments.textOfTwo { url, names, context in
            QueryString.filtered(url, context) { test($0, names) == keeping }
        }
    }

    private static func matched(_ arguments: Arguments, keeping: Bool) -> Code {
        let (url, regex) = (arguments.string(0), arguments.regex(1))
        return .string { context in
            QueryString.filtered(url(context), context) { regex.match($0, context.scratch) == keeping }
        }
    }

    static let negotiation: [Function] = [
        Function(
            "accept.charset_lookup", [.string, .string, .string], .string,
            """
            The charset of a colon-separated list that an Accept-Charset weighs highest, else the second \
            argument.
            """
        ) { $0.textOfThree { available, fallback, header, _ in Accept.best(available, fallback, header) } },
        Function(
            "accept.encoding_lookup", [.string, .string, .string], .string,
            """
            The encoding of a colon-separated list that an Accept-Encoding weighs highest, else the second \
            argument.
            """
        ) { $0.textOfThree { available, fallback, header, _ in Accept.best(available, fallback, header) } },
        Function(
            "accept.language_lookup", [.string, .string, .string], .string,
            """
            The language of a colon-separated list that fits an Accept-Language best (RFC 4647, lookup), \
            else the second argument unless that is refused.
            """
        ) {
            $0.textOfThree { available, fallback, header, _ in Accept.language(available, fallback, header) }
        },
        Function(
            "accept.language_filter_basic", [.string, .string, .string, .integer], .string,
            """
            At most so many languages of a colon-separated list that fit an Accept-Language (RFC 4647, \
            basic filtering), between commas, else the second argument.
            """
        ) {
            let (available, fallback, header) = ($0.string(0), $0.string(1), $0.string(2))
            let most = $0.integer(3)
            return .string { context in
                Accept.languages(
                    available(context), fallback(context), header(context), most: most(context),
                    in: context.arena)
            }
        },
        Function(
            "accept.media_lookup", [.string, .string, .string, .string], .string,
            """
            The media type that fits an Accept best: of the first list, of the third for a range such as \
            image/*, else the second argument. The first three are written out, without duplicates.
            """,
            unless: { arguments in
                let lists = (0..<3).map { arguments.literal($0) }
                guard lists.allSatisfy({ $0 != nil }) else {
                    return "the first three arguments are written out"
                }
                return Accept.duplicate(lists.compactMap(\.self)).map {
                    "the media type '\($0)' stands twice"
                }
            }
        ) {
            let (available, fallback, patterns) = ($0.string(0), $0.string(1), $0.string(2))
            let header = $0.string(3)
            return .string { Accept.media(available($0), fallback($0), patterns($0), header($0)) }
        },
    ]
}
