import Foundation

/// Writes to the terminal at once, so that a log file or a pipe shows a line when it is said.
enum Terminal {
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func complain(_ text: String) { write(text, to: STDERR_FILENO) }
    static let isColoured = isatty(STDOUT_FILENO) == 1
    static let errorsAreColoured = isatty(STDERR_FILENO) == 1

    /// A file handle would cost a start of the process a tenth of a millisecond.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count < 0, errno != EINTR { return }
                written += max(count, 0)
            }
        }
    }
}
