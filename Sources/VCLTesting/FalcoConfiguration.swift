package import Diagnostics
import YAMLReading
import Yams

/// The parts of a `.falco.yaml` that decide what its owner's tests come to: values of variables, entries of dictionaries,
/// folders, levels of rules. Other keys are left alone.
package struct FalcoConfiguration: Sendable, Hashable {
    package var includePaths: [String] = []
    package var overrides: [String: String] = [:]
    package var dictionaries: [String: [String: String]] = [:]
    package var host: String?
    /// Severities by falco's rule ids: ERROR, WARNING, INFO or IGNORE.
    package var rules: [String: String] = [:]

    package init() {}

    package static func read(_ file: SourceFile) -> (
        configuration: FalcoConfiguration, diagnostics: [Diagnostic]
    ) {
        var yaml = YAMLReader(file: file, area: "falco")
        var found = FalcoConfiguration()
        guard let root = yaml.compose() else { return (found, yaml.diagnostics) }
        found.includePaths = root["include_paths"]?.array().compactMap { $0.scalar?.string } ?? []
        if let testing = root["testing"] {
            found.overrides = texts(testing["overrides"])
            found.host = testing["host"]?.scalar?.string
            for (name, entries) in testing["edge_dictionary"]?.mapping ?? [:] {
                found.dictionaries[name.scalar?.string ?? ""] = texts(entries)
            }
        }
        found.rules = texts(root["linter"]?["rules"])
        return (found, yaml.diagnostics)
    }

    private static func texts(_ node: Node?) -> [String: String] {
        var found: [String: String] = [:]
        for (name, value) in node?.mapping ?? [:] {
            if let name = name.scalar?.string, let text = value.scalar?.string { found[name] = text }
        }
        return found
    }
}
