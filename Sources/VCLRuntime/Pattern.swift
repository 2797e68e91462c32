package import Kernel

/// A regular expression of VCL's kind for whoever is no program, with the room that matching needs. Not safe to use from two
/// threads at once.
package final class Pattern {
    private let regex: Regex
    private let scratch = RegexScratch()

    /// Throws `Regex.Mistake`.
    package init(_ text: String) throws {
        regex = try Regex(text)
        regex.prepare()
    }

    /// Whether it is found somewhere. One that takes more than `Regex.matchLimit` steps is not.
    package func isFound(in subject: Bytes) -> Bool { regex.match(subject, scratch) }
}
