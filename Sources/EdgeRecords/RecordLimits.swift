/// Bounds of what is written down of a request, each with its reason.
package enum RecordLimits {
    /// Of a request's head so much is kept; browsers send less than a quarter of it, and what a log shows stands in front.
    package static let headBytes = 8 * 1024
    /// A line that a program logs; Fastly cuts at the same length.
    package static let lineBytes = 16 * 1024
    /// All lines of one request together; with the head they fit into one chunk.
    package static let linesBytes = 32 * 1024
    /// Lines of one request; a program that logs in a loop of restarts stays far below.
    package static let lines = 64
    /// `client.identity` and a backend's name; longer ones are cut.
    package static let nameBytes = 255
    /// What a loop hands over at once: a hundred requests and more, so that handing over costs each of them nothing.
    package static let chunkBytes = 64 * 1024
    /// Of one field of the log, such as a referer; longer ones are cut.
    package static let fieldBytes = 4 * 1024
    /// The text of a filter; nobody types more.
    package static let filterBytes = 4 * 1024
    /// Parentheses inside of each other in a filter, so that no text exhausts the stack.
    package static let filterDepth = 32
}
