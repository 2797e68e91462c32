import Foundation
import Journey
import Kernel
import YAMLReading
import Yams

/// `dictionaries:` and `presets:`. What entries may be is the dictionaries' own affair; here is what a declaration may say.
extension CampaignReader {
    /// Which keys a dictionary of each kind has, besides those of all.
    private static let keysOfKind: [DictionaryKind: [String]] = [
        .switches: ["switches"], .text: ["longest", "allowed"], .json: ["schema"], .addresses: ["protect"],
    ]

    mutating func dictionaries(_ node: Node) {
        for (_, name, value) in yaml.named(node, "dictionaries") {
            let kind = kind(of: value)
            let found = yaml.members(
                value, kind == .plain ? "a dictionary" : "a dictionary of \(kind.rawValue)",
                keys: ["about", "first", "kind", "approval"] + (CampaignReader.keysOfKind[kind] ?? []),
                required: kind == .switches ? ["switches"] : [])
            var declared = DictionaryDeclaration(
                name: name, about: yaml.string(found["about"], "about") ?? "", kind: kind)
            if let entries = found["first"] {
                declared.first = texts(entries, "'first' holds entries, such as '/debate: https://...'")
                if kind == .secrets {
                    yaml.report(
                        "secret", entries, "a secret does not stand in the campaign file",
                        hint: "hq dict set \(name) KEY reads it from standard input")
                }
            }
            if let node = found["switches"] { declared.switches = switches(node) }
            declared.longest = yaml.value(found["longest"], "a number of characters", "120") {
                Int($0).flatMap { $0 > 0 ? $0 : nil }
            }
            declared.allowed = allowed(found["allowed"])
            if let node = found["schema"] { declared.schema = json(node)?.text }
            if let node = found["protect"] {
                declared.protected = yaml.items(node, "protect").compactMap { address($0) }
            }
            if let node = found["approval"] { declared.approval = approval(node) }
            campaign.dictionaries.append(declared)
        }
    }

    private mutating func kind(of node: Node) -> DictionaryKind {
        guard let kind = node.mapping?["kind"] else { return .plain }
        return word(kind, "a dictionary's kind") ?? .plain
    }

    private mutating func word<Word: RawRepresentable & CaseIterable>(_ node: Node, _ what: String) -> Word?
    where Word.RawValue == String {
        let text = yaml.string(node, what) ?? ""
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        yaml.report(
            "choice", node, "\(what) is not '\(text)'",
            hint: nearest(text, among: known).map { "did you mean '\($0)'?" }
                ?? "choose one of \(known.joined(separator: ", "))")
        return nil
    }

    private mutating func texts(_ node: Node, _ shape: String) -> [String: String] {
        guard let mapping = node.mapping else {
            yaml.report("type", node, shape)
            return [:]
        }
        var found: [String: String] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            let text = yaml.string(value, "an entry") ?? ""
            if name.isEmpty || CampaignReader.hasControls(name + text) {
                yaml.report(
                    "entry", key,
                    "this entry has no key, or a line break or another control character in it")
            }
            found[name] = text
        }
        return found
    }

    private mutating func switches(_ node: Node) -> [DictionaryDeclaration.Switch] {
        yaml.named(node, "switches").map { _, name, value in
            // A text alone is what it does; it is on or off then.
            if let about = value.scalar?.string {
                return .init(name: name, about: about, values: ["on", "off"])
            }
            let found = yaml.members(value, "a switch", keys: ["about", "values"])
            let values = found["values"].map { node in
                yaml.items(node, "values").compactMap { yaml.string($0, "a value") }
            }
            if let values, Set(values).count < 2, let node = found["values"] {
                yaml.report("values", node, "a switch has two values or more")
            }
            return .init(
                name: name, about: yaml.string(found["about"], "about") ?? "",
                values: values ?? ["on", "off"]
            )
        }
    }

    private mutating func allowed(_ node: Node?) -> String? {
        yaml.value(node, "the allowed characters", "A-Za-z0-9 .,!?") { text in
            (try? NSRegularExpression(pattern: "[\(text)]")) == nil ? nil : text
        }
    }

    private mutating func address(_ node: Node) -> String? {
        yaml.value(node, "an address or a network", "198.51.100.0/24") { AddressRange($0)?.description }
    }

    private mutating func approval(_ node: Node) -> DictionaryDeclaration.Approval? {
        if node.scalar != nil {
            return word(node, "approval").map { .init(when: $0, by: .editor) }
        }
        let found = yaml.members(node, "approval", keys: ["when", "by"], required: ["when"])
        guard let whenNode = found["when"],
            let when: DictionaryDeclaration.Approval.Time = word(whenNode, "approval")
        else { return nil }
        let by: Role? = found["by"].flatMap { word($0, "who approves") }
        return .init(when: when, by: by ?? .editor)
    }

    /// A piece of YAML as JSON.
    private mutating func json(_ node: Node) -> JSON? {
        switch node {
        case .scalar(let scalar):
            if scalar.style == .singleQuoted || scalar.style == .doubleQuoted {
                return .string(scalar.string)
            }
            if let flag = node.bool { return .bool(flag) }
            if let number = node.int { return .integer(Int64(number)) }
            if let number = node.float { return .number(number) }
            return .string(scalar.string)
        case .sequence(let items): return .array(items.compactMap { json($0) })
        case .mapping(let members):
            var found: [String: JSON] = [:]
            for (key, value) in members { found[key.scalar?.string ?? ""] = json(value) }
            return .object(found)
        default: return nil
        }
    }

    // MARK: presets

    mutating func presets(_ node: Node) {
        for (key, name, value) in yaml.named(node, "presets") {
            let found = yaml.members(
                value, "a preset", keys: ["about", "on", "off"], required: ["about", "on", "off"])
            let preset = Preset(
                name: name, about: yaml.string(found["about"], "about") ?? "",
                on: found["on"].map { entries($0) } ?? [], off: found["off"].map { entries($0) } ?? [])
            if preset.on.isEmpty || preset.off.isEmpty {
                yaml.report("preset", key, "the preset '\(name)' has nothing to set when it is on, or off")
            }
            campaign.presets.append(preset)
        }
    }

    /// `{edge_settings: {read_only: "on"}, redirects: {/live: ~}}`: what is null goes.
    private mutating func entries(_ node: Node) -> [Preset.Entry] {
        var found: [Preset.Entry] = []
        for (key, dictionary, value) in yaml.named(node, "dictionaries") {
            let known = campaign.dictionaries.map(\.name)
            guard let declared = campaign.dictionaries.first(where: { $0.name == dictionary }) else {
                yaml.report(
                    "dictionary", key, "no dictionary is named '\(dictionary)'",
                    hint: nearest(dictionary, among: known).map { "did you mean '\($0)'?" })
                continue
            }
            if declared.kind == .secrets {
                yaml.report("secret", key, "a secret does not stand in the campaign file")
            }
            guard let mapping = value.mapping else {
                yaml.report("type", value, "a preset's dictionary holds entries, such as 'read_only: on'")
                continue
            }
            for (key, value) in mapping {
                let isGone = value.null != nil && value.scalar?.style == .plain
                found.append(
                    .init(
                        dictionary: dictionary, key: key.scalar?.string ?? "",
                        value: isGone ? nil : yaml.string(value, "an entry")))
            }
        }
        return found
    }
}
