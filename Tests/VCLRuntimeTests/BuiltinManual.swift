import Foundation
import VCL

@testable import VCLRuntime

/// The manual's pages of the built-ins, made from their rows and their cases: `docs/guide/vcl-functions.md` and
/// `vcl-variables.md`, with the table of all of them in `vcl-builtins.md`; and Fastly's limits in `vcl-limits.md`.
struct BuiltinManual {
    /// One built-in as its page shows it.
    struct Entry {
        let name: String
        /// Its type, or how it is called.
        let form: String
        /// What may be done with it, and where.
        let use: String
        let summary: String
        /// For what is deprecated: what to use instead, or "" when there is nothing.
        let replacement: String?
        let cases: [BuiltinCase]

        /// What stands before its first full stop, by which a page groups them.
        var family: String { String(name.prefix { $0 != "." }) }
        /// The heading's address within its page, as GitHub makes it.
        var anchor: String { name.lowercased().filter { $0.isLetter || $0.isNumber || "_-".contains($0) } }
    }

    let functions: [Entry]
    let variables: [Entry]
    /// Paths below `manual`, by names.
    let pages: [String: String]
    static let manual = "https://www.fastly.com/documentation/reference/vcl/"

    init(cases: [BuiltinCase], pages: [String: String]) {
        let cases = Dictionary(grouping: cases, by: \.subject)
        self.pages = pages
        functions = Functions.all.map { row in
            Entry(
                name: row.name, form: row.signature, use: "Usable \(Self.written(row.scopes)).",
                summary: row.summary, replacement: nil, cases: cases[row.name] ?? [])
        }.sorted { $0.name < $1.name }
        let single = Variables.all.map { row in
            let types = [row.get?.type.rawValue, row.set?.type.rawValue].compactMap(\.self)
            let may = [
                row.get == nil ? nil : "read", row.set == nil ? nil : "set", row.unset == nil ? nil : "unset",
            ]
            return Entry(
                name: row.name,
                form: types.count == 2 && types[0] == types[1]
                    ? types[0] : types.joined(separator: ", set as "),
                use: Self.use(may.compactMap(\.self), row.scopes), summary: row.summary,
                replacement: row.replacement, cases: cases[row.name] ?? [])
        }
        let families = Variables.patterns.map { row in
            let may = ["read", row.isSettable ? "set" : nil, row.isUnsettable ? "unset" : nil]
            return Entry(
                name: row.name, form: row.type.rawValue, use: Self.use(may.compactMap(\.self), row.scopes),
                summary: row.summary, replacement: nil,
                cases: cases[row.name.replacing("{NAME}", with: "%any%")] ?? [])
        }
        variables = (single + families).sorted { $0.name < $1.name }
    }

    private static func written(_ scopes: Scopes) -> String {
        scopes == .all ? "everywhere" : "in " + scopes.names.joined(separator: ", ")
    }

    private static func use(_ may: [String], _ scopes: Scopes) -> String {
        "May be \(may.joined(separator: ", ")) \(written(scopes))."
    }

    // MARK: pages

    private static let made =
        "<!-- Made by the tests from the rows and cases in Sources/VCLRuntime and"
        + " Tests/VCLRuntimeTests/Cases; UPDATE_GOLDEN=1 makes it anew. -->"

    /// The table of all, each with its number of cases.
    var index: String {
        """
        # VCL's built-ins

        \(Self.made)

        The \(functions.count) functions and \(variables.count) variables that programs may use, from the rows that the
        compiler reads. Each leads to its entry, which shows every test that it has: \(caseCount) cases, each a line of
        VCL with what it comes to, which run with `make test`.

        A `{NAME}` stands for a header, a backend, a director, a rate counter or a number. Of what only a CDN can know (a
        visitor's place, round-trip times, TLS fingerprints) the entry says what it is without a source for it.

        ## Functions

        | function | gives | cases |
        | --- | --- | --- |
        \(functions.map { row($0, "vcl-functions.md", $0.form.components(separatedBy: " ")[0]) }.joined())
        ## Variables

        | variable | type | cases |
        | --- | --- | --- |
        \(variables.map { row($0, "vcl-variables.md", $0.form) }.joined())
        """.dropLast() + "\n"
    }

    private var caseCount: Int { (functions + variables).reduce(0) { $0 + $1.cases.count } }

    private func row(_ entry: Entry, _ page: String, _ type: String) -> String {
        let note = entry.replacement == nil ? "" : ", deprecated"
        return "| [\(entry.name)](\(page)#\(entry.anchor)) | \(type)\(note) | \(entry.cases.count) |\n"
    }

    /// Fastly's bounds beside ours.
    static var limits: String {
        """
        # VCL's limits

        \(made)

        A program that keeps to the smaller of the two runs in both places. [The rest of VCL](vcl.md).

        | what | Fastly | HQ |
        | --- | --- | --- |
        \(FastlyLimits.rows.map { "| \($0.name) | \($0.fastly) | \($0.here) |\n" }.joined())
        """
    }

    var functionPage: String {
        page(
            "VCL's functions", functions,
            "`[STRING]` may be left out; `ID` is a bare name: a message (`req`), a header, a rate counter, a word."
        )
    }

    var variablePage: String {
        page("VCL's variables", variables, "What may be read, set and unset, and in which of VCL's states.")
    }

    private func page(_ title: String, _ entries: [Entry], _ lead: String) -> String {
        var out = """
            # \(title)

            \(Self.made)

            \(lead) [The table of all built-ins](vcl-builtins.md).

            Below each stand its tests. `EXPRESSION => TYPE VALUE` is what it comes to; `{ ... }` runs before it, `@fetch` in
            vcl_fetch instead of vcl_recv; `error E...` is then in `fastly.error`; `mistake ...` is what the compiler says; `~`
            asks for a match. A line `with ...` says what the host knows. It is 2026-01-01 00:00:00 UTC, and the request `GET /`
            from 192.0.2.9. `req.http.None` is a header that is not set.


            """
        var family = ""
        for entry in entries {
            if entry.family != family {
                family = entry.family
                out += "## \(family)\n\n"
            }
            out += text(of: entry)
        }
        return String(out.dropLast())
    }

    private func text(of entry: Entry) -> String {
        var lines = ["### \(entry.name)", "", "`\(entry.form)`. \(entry.use)"]
        if let replacement = entry.replacement {
            lines.append(replacement.isEmpty ? "**Deprecated.**" : "**Deprecated**: use `\(replacement)`.")
        }
        let link = pages[entry.name.replacing("{NAME}", with: "%any%")].map {
            " [Fastly](\(Self.manual)\($0))"
        }
        lines += [entry.summary + (link ?? ""), ""]
        lines += [
            "<details><summary>\(entry.cases.count) cases</summary>", "", "```vcl",
            caseLines(entry.cases) + "```", "",
            "</details>", "", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// The cases, behind the declarations that they name and under what the host knows in them.
    private func caseLines(_ cases: [BuiltinCase]) -> String {
        var (out, world): (String, [String]) = ("", [])
        let all = cases.map(\.line).joined(separator: "\n")
        for line in (cases.last?.declarations ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, mentions(all, String(words[1].prefix { $0 != "(" })) { out += "\(line)\n" }
        }
        for one in cases {
            if one.world != world, !one.world.isEmpty { out += "with \(one.world.joined(separator: " "))\n" }
            world = one.world
            out += one.line + "\n"
        }
        return out
    }

    /// Whether the whole word stands in the text.
    private func mentions(_ text: String, _ word: String) -> Bool {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == word }
    }
}
