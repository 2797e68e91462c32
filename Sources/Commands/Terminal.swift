import Foundation

/// Writes to the terminal at once, so that a log file or a pipe shows a line when it is said.
enum Terminal {
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func complain(_ text: String) { write(text, to: STDERR_FILENO) }
    static let isColoured = isatty(STDOUT_FILENO) == 1
    static let errorsAreColoured = isatty(STDERR_FILENO) == 1

    /// Text without a line's end.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Lines and columns; what terminals have had for ever when nobody knows.
    static var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

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
