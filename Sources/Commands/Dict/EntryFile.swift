import Foundation
import Kernel

/// A file of entries, as the terminal sends it along.
enum EntryFile {
    /// `-` is standard input.
    static func attachment(_ file: String) throws -> [String: Data] {
        if file == "-" { return [file: FileHandle.standardInput.readDataToEndOfFile()] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.notFound, "cannot read '\(file)'")
        }
        return [file: data]
    }
}
