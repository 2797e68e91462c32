import Foundation
import Testing

/// A folder of inputs `NAME.vcl` beside the outputs `NAME.out` that they must give. `UPDATE_GOLDEN=1` writes
/// the outputs anew.
struct Golden: Sendable {
    let folder: URL

    init(_ name: String, file: String = #filePath) {
        folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/\(name)")
    }

    var names: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".vcl") }.map { String($0.dropLast(4)) }.sorted()
    }

    func input(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name + ".vcl"), encoding: .utf8)
    }

    func compare(_ name: String, _ output: String) throws {
        let place = folder.appendingPathComponent(name + ".out")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try output.write(to: place, atomically: true, encoding: .utf8)
        }
        #expect(try output == String(contentsOf: place, encoding: .utf8), "\(name)")
    }
}
