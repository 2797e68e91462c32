/// What bounds the server, so that no client and no project exhausts memory.
package enum LanguageServerLimits {
    /// Bytes of one file. Fastly refuses programs of more than 1 MB; a larger file is shown to be unread.
    package static let largestFile = 4 << 20
    /// Bytes of one message: a whole file, each byte escaped, and what stands around it.
    package static let largestMessage = 32 << 20
    /// Bytes of a message's header, which holds two short lines.
    package static let largestHeader = 4 << 10
    /// Files that are open at once; more are not read.
    package static let mostOpenFiles = 1_000
    /// Files of the project's folders that are looked through for the programs that include an open file.
    package static let mostProjectFiles = 2_000
    /// Files that are kept after reading; the programs that people work on at once fit.
    static let mostKeptFiles = 4_000
    /// Files of one program.
    static let mostProgramFiles = 500
    /// Completions in one answer; the client asks again as the word grows.
    static let mostCompletions = 400
    /// Lines of a declaration that a hover shows.
    static let mostHoverLines = 12
    /// Bytes of a new name.
    static let longestName = 256
}
