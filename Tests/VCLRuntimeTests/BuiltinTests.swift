import Foundation
import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct BuiltinTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static let cases: [BuiltinCase] = {
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "Cases"), includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.flatMap {
            file in
            do { return try BuiltinCases(String(contentsOf: file, encoding: .utf8)).all } catch {
                fatalError("\(file.lastPathComponent): \(error)")
            }
        }
    }()

    @Test(arguments: cases) func comesToWhatItsCaseSays(_ one: BuiltinCase) {
        #expect(one.failure() == nil, "\(one.line)")
    }
}
