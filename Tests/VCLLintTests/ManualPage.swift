import Foundation
import VCLRuntime

/// A rule's page in the manual, as far as the tests read it.
struct ManualPage: Sendable, CustomStringConvertible {
    let name: String
    let text: String
    let bad: String
    let good: String
    /// Dictionaries of the service that its examples belong to.
    let dictionaries: [String]
    /// Whether the examples are about a program that this edge serves, not one for Fastly.
    let isServed: Bool
    /// Other rules that the examples may run into.
    let also: Set<String>

    var description: String { name }

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = root.appending(path: "docs/guide/vcl-rules")

    static let all: [ManualPage] = {
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }.map {
            ManualPage($0)
        }
    }()

    var model: ServiceModel {
        var model = ServiceModel()
        model.dictionaries = dictionaries
        model.servedHere = isServed
        return model
    }

    private init(_ file: URL) {
        name = file.deletingPathExtension().lastPathComponent
        text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        bad = ManualPage.example("## Bad", in: text)
        good = ManualPage.example("## Good", in: text)
        var dictionaries: [String] = []
        var also: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("<!-- check: ") {
            let said = line.dropFirst("<!-- check: ".count).dropLast(" -->".count)
            if said.hasPrefix("needs=dictionary ") {
                dictionaries.append(String(said.dropFirst("needs=dictionary ".count)))
            } else if said.hasPrefix("also=") {
                also.formUnion(said.dropFirst("also=".count).split(separator: ",").map(String.init))
            }
        }
        self.dictionaries = dictionaries
        isServed = text.contains("<!-- check: needs=served -->")
        self.also = also
    }

    private static func example(_ heading: String, in text: String) -> String {
        let behind = text.components(separatedBy: heading + "\n\n```vcl\n").dropFirst().first ?? ""
        return behind.components(separatedBy: "\n```").first.map { $0 + "\n" } ?? ""
    }
}
