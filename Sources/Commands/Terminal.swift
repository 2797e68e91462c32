import Foundation

/// Writes to the terminal at once, so that a log file or a pipe shows a line when it is said.
enum Terminal {
    static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
    static func complain(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
    static let isColoured = isatty(1) == 1
    static let errorsAreColoured = isatty(2) == 1
}
