import Diagnostics
import HTTP1
import Kernel
import VCL

extension Compiler {
    // MARK: a built-in's arguments

    /// The arguments of a call of `row`, or nil with diagnostics.
    func arguments(
        of row: Function, _ trees: [Expression], _ span: Span, _ context: SubContext
    ) -> Arguments? {
        guard trees.count >= row.required, row.isVariadic || trees.count <= row.arguments.count else {
            let fewest = row.required
            let many =
                row.isVariadic
                ? "\(fewest) or more"
                : fewest == row.arguments.count ? "\(fewest)" : "\(fewest) to \(row.arguments.count)"
            report(
                "vcl/arguments", span,
                "'\(row.name)' takes \(many) argument\(many == "1" ? "" : "s"), found \(trees.count)",
                hint: row.signature)
            return nil
        }
        var all: [Arguments.One] = []
        all.reserveCapacity(trees.count)
        for (index, tree) in trees.enumerated() {
            guard let one = argument(tree, row.arguments[min(index, row.arguments.count - 1)], context)
            else { return nil }
            all.append(one)
        }
        let found = Arguments(all: all)
        if let objection = row.objection(found) {
            report("vcl/arguments", span, objection, hint: row.signature)
            return nil
        }
        return found
    }

    private func argument(_ tree: Expression, _ kind: Function.Argument, _ context: SubContext)
        -> Arguments.One?
    {
        switch kind {
        case .value(let type):
            return converted(tree, to: type, context).map {
                Arguments.One(code: $0, literal: literalText(tree), constant: constant(tree))
            }
        case .list:
            return converted(tree, to: .string, context).map {
                Arguments.One(code: $0, literal: literalText(tree))
            }
        case .pattern: return regex(tree).map { Arguments.One(code: .regexArgument($0)) }
        case .constant(let range): return constantArgument(tree, range)
        case .table(let type): return tableArgument(tree, of: type)
        default: return nameArgument(text(tree.span), tree, kind, context)
        }
    }

    /// An argument that is a word and has no value.
    private func nameArgument(
        _ word: String, _ tree: Expression, _ kind: Function.Argument, _ context: SubContext
    ) -> Arguments.One? {
        switch kind {
        case .value, .list, .pattern, .constant, .table: return nil
        case .word(let words):
            guard words.contains(word) else {
                report(
                    "vcl/arguments", tree.span, "'\(word)' is nothing to name here",
                    hint: "choose one of " + words.joined(separator: ", "))
                return nil
            }
        case .message(let writes): guard message(word, tree.span, writes: writes, context) else { return nil }
        case .response:
            guard word == "beresp" || word == "resp" else {
                report("vcl/arguments", tree.span, "expected 'beresp' or 'resp', found '\(word)'")
                return nil
            }
            guard message(word, tree.span, writes: false, context) else { return nil }
        case .header:
            guard let header = HeaderReference(word), header.subfield == nil else {
                report(
                    "vcl/arguments", tree.span, "expected a header, found '\(word)'",
                    hint: "for example req.http.Via")
                return nil
            }
            guard inScope(header.place.writeScopes, word, tree.span, context) else { return nil }
        case .collection:
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1] == "headers" else {
                report(
                    "vcl/arguments", tree.span, "expected a collection, found '\(word)'",
                    hint: "for example req.headers")
                return nil
            }
            guard message(String(parts[0]), tree.span, writes: false, context) else { return nil }
        case .ratecounter:
            guard declared(word, tree.span, in: ratecounters, "ratecounter") else { return nil }
        case .penaltybox: guard declared(word, tree.span, in: penaltyboxes, "penaltybox") else { return nil }
        }
        return Arguments.One(code: .id(word))
    }

    private func message(_ word: String, _ span: Span, writes: Bool, _ context: SubContext) -> Bool {
        guard let place = HeaderReference.Place(rawValue: word) else {
            let known = HeaderReference.Place.allCases.map(\.rawValue)
            report(
                "vcl/arguments", span, "'\(word)' has no headers",
                hint: "choose one of " + known.joined(separator: ", "))
            return false
        }
        return inScope(writes ? place.writeScopes : place.readScopes, word, span, context)
    }

    private func declared(_ word: String, _ span: Span, in names: Set<String>, _ what: String) -> Bool {
        if names.contains(word) { return true }
        report(
            "vcl/unknown-\(what)", span, "no \(what) is named '\(word)'",
            hint: nearest(word, among: names).map { "did you mean '\($0)'?" }
                ?? "declare it: \(what) \(word) { }")
        return false
    }

    private func constantArgument(_ tree: Expression, _ range: ClosedRange<Int64>) -> Arguments.One? {
        if let value = constant(tree), range.contains(value) {
            return Arguments.One(code: .integer { _ in value }, constant: value)
        }
        report(
            "vcl/arguments", tree.span,
            """
            expected a number from \(range.lowerBound) to \(range.upperBound) written out, found \
            '\(text(tree.span))'
            """
        )
        return nil
    }

    private func constant(_ tree: Expression) -> Int64? {
        switch tree.kind {
        case .integer: Literals.integer(bytes(tree.span))
        case .group(let inner): constant(inner)
        case .negative(let inner): constant(inner).map { 0 &- $0 }
        default: nil
        }
    }

    /// The place of a dictionary that the service is taken to have.
    private func assumedTable(_ name: String, _ span: Span, of type: ValueType?) -> Int? {
        let close = nearest(name, among: tableIndex.keys).map { "did you mean '\($0)'?" }
        let hint =
            close
            ?? (model.isPartial ? nil : "declare it, or add it to the dictionaries of the campaign file")
        guard missing("vcl/unknown-table", span, "no table or dictionary is named '\(name)'", hint: hint),
            type ?? .string == .string
        else { return nil }
        tableIndex[name] = parts.tables.count
        parts.tables.append((name, nil))
        return parts.tables.count - 1
    }

    private func tableArgument(_ tree: Expression, of type: ValueType?) -> Arguments.One? {
        let name = text(tree.span)
        guard let place = tableIndex[name] ?? assumedTable(name, tree.span, of: type) else { return nil }
        let found = parts.tables[place].own?.type ?? .string
        if let type, type != found {
            let reader = found == .string ? "table.lookup" : "table.lookup_\(found.rawValue.lowercased())"
            report(
                "vcl/type", tree.span,
                "table '\(name)' holds values of type \(found.rawValue), not \(type.rawValue)",
                hint: "read it with \(reader)")
            return nil
        }
        return Arguments.One(code: .table(place))
    }
}
