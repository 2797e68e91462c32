import Kernel

/// A service as a folder of files:
///
/// | file | holds |
/// | --- | --- |
/// | `main.vcl`, `NAME.vcl` | the main file and what it may include |
/// | `snippets/TYPE-PRIORITY-NAME.vcl` | a snippet; without PRIORITY it is 100 |
/// | `dictionaries/NAME.json` or `.csv` | keys and values |
/// | `acls/NAME.json` or `.txt` | the API's entries, or a line `!192.0.2.0/24 # why` each |
/// | `service.json` | anything else, in the API's shape |
package enum ServiceFolder {
    /// Paths are relative to the folder. Files of other kinds are left alone. Throws `Failure(.invalid)` with
    /// the path.
    package static func read(_ files: [(path: String, bytes: [UInt8])]) throws -> FastlyService {
        var service = FastlyService()
        if let own = files.first(where: { $0.path == "service.json" }) {
            service = try FastlyService(api: own.bytes, name: own.path)
        }
        for (path, bytes) in files.sorted(by: { $0.path < $1.path }) {
            let parts = path.split(separator: "/").map(String.init)
            guard let file = parts.last, let dot = file.lastIndex(of: ".") else { continue }
            let (name, ending) = (String(file[..<dot]), String(file[file.index(after: dot)...]))
            switch (parts.count > 1 ? parts[0] : "", ending) {
            case ("snippets", "vcl"): service.snippets.append(try snippet(path, name, bytes))
            case ("dictionaries", "json"), ("dictionaries", "csv"):
                let items = try ending == "csv" ? lines(bytes, path) : items(bytes, path)
                service.fill(\.dictionaries, name, \.name) { $0.items += items }
            case ("acls", "json"), ("acls", "txt"):
                let entries = try ending == "txt" ? addresses(bytes) : entries(bytes, path)
                service.fill(\.acls, name, \.name) { $0.entries += entries }
            case (_, "vcl"):
                let content = String(decoding: bytes, as: UTF8.self)
                service.files.append(
                    FastlyService.VCLFile(name: path, content: content, isMain: path == "main.vcl"))
            default: break
            }
        }
        return service
    }

    private static func snippet(_ path: String, _ name: String, _ bytes: [UInt8]) throws
        -> FastlyService.Snippet
    {
        var words = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let kind = FastlyService.Snippet.Kind(rawValue: words.removeFirst()) else {
            let known = FastlyService.Snippet.Kind.allCases.map(\.rawValue)
            throw Failure(
                .invalid, "\(path): a snippet's file name begins with its type",
                hint: "one of \(known.joined(separator: ", ")), as in snippets/recv-100-redirects.vcl")
        }
        var priority = 100
        if words.count > 1, let number = Int(words[0]) {
            priority = number
            words.removeFirst()
        }
        let title = words.isEmpty ? name : words.joined(separator: "-")
        var snippet = FastlyService.Snippet(
            name: title, kind, priority: priority, content: String(decoding: bytes, as: UTF8.self))
        snippet.path = path
        return snippet
    }

    // MARK: dictionaries

    private static func items(_ bytes: [UInt8], _ path: String) throws -> [FastlyService.Dictionary.Item] {
        let json = try JSONReader.read(bytes, name: path)
        return try FastlyService.Dictionary.items(json["items"] ?? json, at: JSONPath(path))
    }

    /// `key,value` a line (RFC 4180): either may be quoted, and a quote in quotes is doubled.
    private static func lines(_ bytes: [UInt8], _ path: String) throws -> [FastlyService.Dictionary.Item] {
        let rows = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return try rows.enumerated().compactMap { number, row in
            if row.allSatisfy(\.isWhitespace) { return nil }
            guard let cells = cells(row), cells.count == 2 else {
                throw Failure(
                    .invalid, "\(path):\(number + 1): expected a key and a value, as in old,new",
                    hint: "quote a value that holds a comma")
            }
            return FastlyService.Dictionary.Item(key: cells[0], value: cells[1])
        }
    }

    private static func cells(_ row: Substring) -> [String]? {
        var cells: [String] = [""]
        var quoted = false
        var rest = row
        while let character = rest.popFirst() {
            switch character {
            case "\"" where quoted && rest.first == "\"":
                rest.removeFirst()
                cells[cells.count - 1].append("\"")
            case "\"": quoted.toggle()
            case "," where !quoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
        }
        return quoted ? nil : cells
    }

    // MARK: ACLs

    private static func entries(_ bytes: [UInt8], _ path: String) throws -> [FastlyService.ACL.Entry] {
        let json = try JSONReader.read(bytes, name: path)
        let list = json["entries"] ?? json
        guard case .array(let elements) = list else { throw Failure.expected("a list", list, JSONPath(path)) }
        return try elements.enumerated().map { number, element in
            if let text = element.string { return entry(text[...]) }
            return try FastlyService.ACL.Entry(element, at: JSONPath(path).child(number))
        }
    }

    private static func addresses(_ bytes: [UInt8]) -> [FastlyService.ACL.Entry] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            let (written, comment) = parted(line, at: "#")
            guard !written.isEmpty else { return nil }
            var found = entry(written[...])
            found.comment = comment
            return found
        }
    }

    private static func entry(_ text: Substring) -> FastlyService.ACL.Entry {
        var found = FastlyService.ACL.Entry()
        found.isNegated = text.hasPrefix("!")
        let (address, bits) = parted(found.isNegated ? text.dropFirst() : text, at: "/")
        // What is no number stays where the compiler finds it.
        found.subnet = Int(bits)
        found.address = bits.isEmpty || found.subnet != nil ? address : address + "/" + bits
        return found
    }

    private static func parted(_ text: Substring, at mark: Character) -> (String, String) {
        let place = text.firstIndex(of: mark) ?? text.endIndex
        let trimmed = { (part: Substring) in
            String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        return (trimmed(text[..<place]), trimmed(text[place...].dropFirst()))
    }
}

extension FastlyService {
    /// Changes the part with this name, which is made when there is none.
    fileprivate mutating func fill<Part: ServiceObject>(
        _ parts: WritableKeyPath<FastlyService, [Part]>, _ name: String,
        _ field: WritableKeyPath<Part, String>, _ change: (inout Part) -> Void
    ) {
        let found = self[keyPath: parts].firstIndex { VCLText.identifier($0[keyPath: field]) == name }
        if found == nil {
            var part = Part()
            part[keyPath: field] = name
            self[keyPath: parts].append(part)
        }
        change(&self[keyPath: parts][found ?? self[keyPath: parts].count - 1])
    }
}
