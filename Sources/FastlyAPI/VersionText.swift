import Diagnostics
import Kernel
import Services
import Store
import VCLRuntime

/// What a version holds, as a text that can be compared and read.
enum VersionText {
    /// All objects, one field a line; long texts line by line.
    static func whole(_ number: Int, of record: ServiceRecord, in transaction: StoreTransaction) throws
        -> String
    {
        _ = try Services.version(number, of: record.id, in: transaction)
        let objects = try Services.objects(version: number, of: record.id, in: transaction)
        var lines: [String] = []
        for kind in ObjectKind.all {
            for object in (objects[kind.path] ?? []).sorted(by: { $0.name < $1.name }) {
                lines.append(kind.path == "settings" ? "settings:" : "\(kind.path) \"\(object.name)\":")
                for field in kind.fields {
                    guard let value = object.body[field.name], value != .null else { continue }
                    lines += field.form == .secret ? ["  \(field.name): ***"] : text(field.name, value)
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ name: String, _ value: JSONValue) -> [String] {
        guard let text = value.string else { return ["  \(name): \(value.text)"] }
        guard text.contains("\n") else { return ["  \(name): \(text)"] }
        return ["  \(name):"]
            + text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    }

    /// The files of VCL alone.
    static func vcl(_ number: Int, of record: ServiceRecord, in transaction: StoreTransaction) throws
        -> String
    {
        _ = try Services.version(number, of: record.id, in: transaction)
        return try Services.objects("vcl", version: number, of: record.id, in: transaction)
            .sorted { $0.name < $1.name }.map { "# \($0.name)\n\($0.body["content"]?.string ?? "")\n" }
            .joined()
    }

    /// The program as it is compiled: declarations, then the main file with what stands for its macros.
    static func generated(_ contents: ServiceContents) -> String {
        let model = contents.model
        var lines: [Substring] = []
        func append(_ source: SourceFile, _ depth: Int) {
            let text = String(decoding: source.bytes, as: UTF8.self)
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                let words = line.split(whereSeparator: \.isWhitespace)
                if let include = words.first, include == "include", words.count == 2, depth < 10,
                    let found = model.includes[words[1].filter { !"\";".contains($0) }]
                {
                    append(found, depth + 1)
                    continue
                }
                lines.append(line)
                guard words.count >= 2, words[0].uppercased() == "#FASTLY" else { continue }
                for part in model.snippets[words[1].lowercased()] ?? [] {
                    lines.append("# \(part.name)")
                    append(part, depth + 1)
                }
            }
        }
        for part in model.prelude { append(part, 0) }
        append(contents.main, 0)
        return lines.joined(separator: "\n")
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
