import Diagnostics
import Kernel
import VCL

extension Compiler {
    // MARK: tables

    func collectTable(_ declaration: Declaration, type: Name?, entries: [TableEntry]) {
        let name = text(declaration.name)
        guard isNew(name, declaration.name, in: tableIndex) else { return }
        let wanted = type.map { text($0) } ?? ValueType.string.rawValue
        guard let kind = ValueType(rawValue: wanted), Compiler.tableTypes.contains(kind) else {
            let known = Compiler.tableTypes.map(\.rawValue)
            report(
                "vcl/table", type?.span ?? declaration.name.span,
                "no table can hold values of type '\(wanted)'",
                hint: nearest(wanted, among: known).map { "did you mean '\($0)'?" }
                    ?? "choose one of " + known.joined(separator: ", "))
            return
        }
        var seen: Set<String> = []
        let keys = entries.map { entry -> String in
            let key = word(entry.key.span).value
            if !seen.insert(key).inserted {
                warn(
                    "vcl/duplicate-key", entry.key.span,
                    "the key \"\(key)\" stands twice; the later one counts")
            }
            return key
        }
        tableIndex[name] = parts.tables.count
        parts.tables.append((name, table(name, kind, keys, entries.map(\.value))))
    }

    private static let tableTypes: [ValueType] = [
        .string, .acl, .backend, .bool, .float, .integer, .ip, .regex, .rtime,
    ]

    private func table(_ name: String, _ kind: ValueType, _ keys: [String], _ values: [Expression]) -> Table {
        switch kind {
        case .string:
            let texts = values.map { tableText($0) ?? "" }
            return Table(name: name, entries: zip(keys, texts).map { (key: $0, value: $1) })
        case .float:
            return Table(name: name, keys: keys, values: .floats(values.map { tableFloat($0) ?? 0 }))
        case .ip:
            return Table(
                name: name, keys: keys, values: .addresses(values.map { tableAddress($0) ?? .unspecified }))
        case .regex:
            return Table(name: name, keys: keys, values: .patterns(values.compactMap { regex($0) }))
        default:
            return Table(
                name: name, keys: keys, values: .numbers(values.map { tableNumber($0, kind) ?? 0 }, kind))
        }
    }

    private func tableText(_ value: Expression) -> String? {
        if let text = literalText(value) { return text }
        return mismatch(value, "a string in quotes")
    }

    private func tableFloat(_ value: Expression) -> Double? {
        switch value.kind {
        case .float, .integer:
            if let number = Double(text(value.span)) { return number }
        case .negative(let inner): return tableFloat(inner).map { -$0 }
        default: break
        }
        return mismatch(value, "a FLOAT such as 1.5")
    }

    private func tableAddress(_ value: Expression) -> IPAddress? {
        if let address = literalText(value).flatMap({ IPAddress($0) }) { return address }
        return mismatch(value, "an IP address in quotes")
    }

    private func tableNumber(_ value: Expression, _ kind: ValueType) -> Int64? {
        let word = text(value.span)
        switch (kind, value.kind) {
        case (.bool, .name):
            if word == "true" || word == "false" { return word == "true" ? 1 : 0 }
        case (.integer, .integer):
            if let number = Literals.integer(word) { return number }
        case (.rtime, .rtime):
            if let time = Literals.rtime(word) { return time }
        case (.integer, .negative(let inner)), (.rtime, .negative(let inner)):
            return tableNumber(inner, kind).map { 0 &- $0 }
        case (.acl, .name): return place(word, value.span, in: aclIndex, "acl")
        case (.backend, .name): return place(word, value.span, in: backendIndex, "backend")
        default: break
        }
        let forms: [ValueType: String] = [
            .bool: "true or false", .integer: "an INTEGER such as 42", .rtime: "an RTIME such as 10s",
            .acl: "the name of an acl", .backend: "the name of a backend",
        ]
        return mismatch(value, forms[kind] ?? kind.rawValue)
    }

    private func place(_ word: String, _ span: Span, in names: [String: Int], _ what: String) -> Int64? {
        if let place = names[word] { return Int64(place) }
        report(
            "vcl/unknown-\(what)", span, "no \(what) is named '\(word)'",
            hint: nearest(word, among: names.keys).map { "did you mean '\($0)'?" })
        return nil
    }

    private func mismatch<T>(_ value: Expression, _ form: String) -> T? {
        report("vcl/table", value.span, "a value of this table is \(form)")
        return nil
    }
}
