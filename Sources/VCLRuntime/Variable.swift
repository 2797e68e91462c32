package import Kernel
package import VCL

/// A built-in variable: one row, which the checker, the runtime, the documentation and the tests read.
package final class Variable: Sendable {
    package enum Setter: Sendable {
        case string(@Sendable (Context, Bytes) -> Void)
        case bool(@Sendable (Context, Bool) -> Void)
        case integer(@Sendable (Context, Int64) -> Void)
        case float(@Sendable (Context, Double) -> Void)
        case time(@Sendable (Context, Int64) -> Void)
        case rtime(@Sendable (Context, Int64) -> Void)
        case ip(@Sendable (Context, IPAddress) -> Void)
        case backend(@Sendable (Context, Int64) -> Void)

        package var type: ValueType {
            switch self {
            case .string: .string
            case .bool: .bool
            case .integer: .integer
            case .float: .float
            case .time: .time
            case .rtime: .rtime
            case .ip: .ip
            case .backend: .backend
            }
        }
    }

    package let name: String
    /// Nil for a variable that can only be set.
    package let get: Code?
    package let set: Setter?
    package let unset: StepCode?
    /// Where it may be read, set and unset.
    package let scopes: Scopes
    /// One sentence for hovers and the manual.
    package let summary: String
    /// For a deprecated variable: what to use instead, or "" when nothing takes its place.
    package let replacement: String?

    package var isDeprecated: Bool { replacement != nil }

    package init(
        _ name: String, _ scopes: Scopes, _ get: Code?, set: Setter? = nil, unset: StepCode? = nil,
        replacement: String? = nil, _ summary: String
    ) {
        self.name = name
        self.get = get
        self.set = set
        self.unset = unset
        self.scopes = scopes
        self.summary = summary
        self.replacement = replacement
    }
}

/// A family of variables whose name holds the name of something declared, such as `backend.F_origin.healthy`.
package struct VariablePattern: Sendable {
    /// What stands in the place of `NAME`.
    package enum Subject: Sendable { case backend, rateCounter, header, group }

    package let prefix: String
    package let suffix: String
    package let subject: Subject
    package let type: ValueType
    package let isSettable: Bool
    package let isUnsettable: Bool
    package let scopes: Scopes
    package let summary: String
    /// The value for the backend (its place in the program's list, directors behind the backends) of that name; nil where
    /// the compiler makes the code itself.
    package let backendCode: (@Sendable (Int) -> Code)?

    /// As the manual writes it: `backend.{NAME}.healthy`.
    package var name: String { "\(prefix){NAME}\(suffix)" }

    package init(
        _ prefix: String, _ suffix: String, _ subject: Subject, _ type: ValueType, _ scopes: Scopes,
        isSettable: Bool = false, isUnsettable: Bool = false, backendCode: (@Sendable (Int) -> Code)? = nil,
        _ summary: String
    ) {
        self.prefix = prefix
        self.suffix = suffix
        self.subject = subject
        self.type = type
        self.scopes = scopes
        self.isSettable = isSettable
        self.isUnsettable = isUnsettable
        self.backendCode = backendCode
        self.summary = summary
    }

    /// The part of `word` that stands for `NAME`, or nil when the word is not of this family.
    package func subjectName(in word: String) -> Substring? {
        guard word.utf8.count > prefix.utf8.count + suffix.utf8.count, word.hasPrefix(prefix),
            word.hasSuffix(suffix)
        else { return nil }
        return word.dropFirst(prefix.count).dropLast(suffix.count)
    }
}
