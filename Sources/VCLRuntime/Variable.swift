package import Kernel
package import VCL

/// A built-in variable: one row, which the checker, the runtime, the documentation and the tests read.
package struct Variable: Sendable {
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
    package let get: Code?
    package let set: Setter?
    package let unset: StepCode?
    package let scopes: Scopes

    package init(_ name: String, _ scopes: Scopes, _ get: Code?, set: Setter? = nil, unset: StepCode? = nil) {
        self.name = name
        self.get = get
        self.set = set
        self.unset = unset
        self.scopes = scopes
    }
}
