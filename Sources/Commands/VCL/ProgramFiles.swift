import ControlPlane
import Foundation
import Kernel

/// A program's files on their way to the control plane, by their paths in the campaign's folder.
enum ProgramFiles {
    /// Bytes of all files together.
    static let mostBytes = 16 * 1024 * 1024
    private static let skipped: Set<String> = [".git", ".hq", ".build", "node_modules", "sites"]

    /// Every VCL file and test below the folder.
    static func read(below folder: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        var bytes = 0
        let base = URL(fileURLWithPath: folder)
        for name in VCLProject.names(below: base, ending: ".vcl")
            + VCLProject.names(below: base, ending: ".test.yaml")
        where !name.split(separator: "/").contains(where: { skipped.contains(String($0)) }) {
            guard let data = FileManager.default.contents(atPath: base.appendingPathComponent(name).path)
            else {
                throw Failure(.notFound, "cannot read '\(name)'")
            }
            bytes += data.count
            found[name] = data
        }
        guard !found.isEmpty else {
            throw Failure(.usage, "there is no VCL below '\(folder)'", hint: "name the campaign's folder")
        }
        guard bytes <= mostBytes else {
            throw Failure(.limit, "the program has more than \(ByteCount(mostBytes))")
        }
        return found
    }

    static func texts(_ attachments: [String: Data]) -> [String: String] {
        attachments.mapValues { String(decoding: $0, as: UTF8.self) }
    }
}
