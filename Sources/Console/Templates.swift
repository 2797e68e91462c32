import Foundation
import Mustache

/// The pages' texts, part of the program: no file has to lie beside it.
enum Templates {
    static let version = String(
        UInt64(bitPattern: Int64(truncatingIfNeeded: sheet.count &* 31 &+ script.count)))
    static let sheet = PackageResources.console_css
    static let script = PackageResources.console_js

    private static let texts: [(String, [UInt8])] = [
        ("layout", PackageResources.layout_mustache), ("now", PackageResources.now_mustache),
        ("entries", PackageResources.entries_mustache), ("timeline", PackageResources.timeline_mustache),
        ("entry", PackageResources.entry_mustache), ("edge", PackageResources.edge_mustache),
        ("approvals", PackageResources.approvals_mustache),
        ("history", PackageResources.history_mustache),
        ("dictionaries", PackageResources.dictionaries_mustache),
        ("dictionary", PackageResources.dictionary_mustache), ("preview", PackageResources.preview_mustache),
        ("calendar", PackageResources.calendar_mustache), ("login", PackageResources.login_mustache),
        ("account", PackageResources.account_mustache), ("commands", PackageResources.commands_mustache),
        ("command", PackageResources.command_mustache), ("message", PackageResources.message_mustache),
        ("simulate", PackageResources.simulate_mustache),
        ("difference", PackageResources.difference_mustache),
        ("origin-answer", PackageResources.origin_answer_mustache),
        ("message-view", PackageResources.message_view_mustache),
        ("rehearsals", PackageResources.rehearsals_mustache),
        ("rehearsal", PackageResources.rehearsal_mustache), ("picture", PackageResources.picture_mustache),
    ]

    static let library: MustacheLibrary = {
        MustacheContentTypes.register(EscapedHTML(), named: EscapedHTML.name)
        var library = MustacheLibrary()
        for (name, bytes) in texts {
            do {
                // The library's own escaping looks at characters, and a mark that joins with '<' hides it.
                let text = "{{% CONTENT_TYPE: \(EscapedHTML.name)}}" + String(decoding: bytes, as: UTF8.self)
                try library.register(text, named: name)
            } catch {
                preconditionFailure("the template \(name) is malformed: \(error)")
            }
        }
        return library
    }()

    static func render(_ name: String, _ values: Any) -> String {
        guard let text = library.render(values, withTemplate: name) else {
            preconditionFailure("there is no template \(name)")
        }
        return text
    }
}

/// Text in HTML, in elements and in quoted attributes: escaped byte by byte, so that nothing that stands beside a sign can hide it.
struct EscapedHTML: MustacheContentType {
    static let name = "HQ"

    func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "\""): escaped += "&quot;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
