package import Diagnostics
import Kernel
import VCLRuntime

/// Coverage in the forms in which it is read: LCOV for tools, a page for people.
package enum CoverageReport {
    /// The tracefile format of lcov's geninfo: functions, lines and branches of each file.
    package static func lcov(_ coverage: Coverage) -> String {
        coverage.files.map { file in
            var out = "TN:\nSF:\(file)\n"
            let places = coverage.hits.filter { $0.key.file == file }
            out += functions(places)
            out += branches(places)
            let lines = coverage.lines(of: file).sorted { $0.key < $1.key }
            for (line, count) in lines { out += "DA:\(line),\(count)\n" }
            out += "LH:\(lines.count { $0.value > 0 })\nLF:\(lines.count)\nend_of_record\n"
            return out
        }.joined()
    }

    private static func functions(_ places: [Coverage.Place: Int]) -> String {
        let subs = Dictionary(grouping: places.filter { $0.key.kind == .statement }) { $0.key.sub }
        var (out, hit) = ("", 0)
        for (name, statements) in subs.sorted(by: { $0.key < $1.key }) {
            let first = statements.min { $0.key.start < $1.key.start }!
            out += "FN:\(first.key.line),\(name)\nFNDA:\(first.value),\(name)\n"
            if first.value > 0 { hit += 1 }
        }
        return out + "FNF:\(subs.count)\nFNH:\(hit)\n"
    }

    private static func branches(_ places: [Coverage.Place: Int]) -> String {
        var (out, all, hit) = ("", 0, 0)
        for (place, count) in places.sorted(by: { ($0.key.start, $0.key.end) < ($1.key.start, $1.key.end) }) {
            guard case .branch(let whole, let arm) = place.kind else { continue }
            out += "BRDA:\(place.line),\(whole),\(arm),\(count)\n"
            all += 1
            if count > 0 { hit += 1 }
        }
        return out + "BRF:\(all)\nBRH:\(hit)\n"
    }

    /// One page that shows each line of the program and how often it ran. It needs nothing from elsewhere.
    package static func page(_ coverage: Coverage, sources: [SourceFile]) -> String {
        let files = sources.filter { coverage.files.contains($0.name) }
        let total = coverage.statements()
        var out = """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>VCL coverage</title><style>\(style)</style>
            <h1>VCL coverage: \(rounded(total.percent))% of \(total.all) statements</h1>
            <table><tr><th>file<th>statements<th>branches

            """
        for (index, file) in files.enumerated() {
            let (statements, arms) = (coverage.statements(in: file.name), coverage.branches(in: file.name))
            out +=
                "<tr><td><a href=\"#f\(index)\">\(file.name.markup)</a><td>\(share(statements))<td>\(share(arms))\n"
        }
        out += "</table>\n"
        for (index, file) in files.enumerated() {
            out += "<h2 id=\"f\(index)\">\(file.name.markup)</h2>\n<pre>\(lines(of: file, coverage))</pre>\n"
        }
        return out + "</html>\n"
    }

    private static func lines(of file: SourceFile, _ coverage: Coverage) -> String {
        let counts = coverage.lines(of: file.name)
        let missed = Set(
            coverage.hits.filter { $0.key.file == file.name && $0.key.kind != .statement && $0.value == 0 }
                .map(\.key.line))
        var text = String(decoding: file.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        if text.last == "" { text.removeLast() }
        return text.enumerated().map { index, line in
            let number = index + 1
            let count = counts[number]
            let kind = count == 0 ? "missed" : missed.contains(number) ? "partly" : count == nil ? "" : "ran"
            return
                "<span class=\"\(kind)\"><i>\(number)</i><b>\(count.map(String.init) ?? "")</b>\(String(line).markup)</span>"
        }.joined(separator: "\n")
    }

    package static func share(_ share: Coverage.Share) -> String {
        "\(rounded(share.percent))% (\(share.reached) of \(share.all))"
    }

    /// With one decimal, downwards: 100% is said of nothing less.
    package static func rounded(_ percent: Double) -> String {
        let tenths = Int((percent * 10).rounded(.down))
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1a2233;background:#fff}
        table{border-collapse:collapse}th,td{text-align:left;padding:.2em 1.5em .2em 0}pre{overflow-x:auto;line-height:1.45}
        pre span{display:inline-block;min-width:100%}i,b{display:inline-block;width:3.5em;text-align:right;padding-right:1em;color:#667;font-style:normal;font-weight:400}
        .missed{background:#fdd}.partly{background:#ffefc2}.ran b{color:#17692b}
        @media (prefers-color-scheme:dark){body{color:#dde3f0;background:#12161f}a{color:#8ab4ff}.missed{background:#5b1f24}.partly{background:#4d3d10}.ran b{color:#7fd492}}
        """
}
