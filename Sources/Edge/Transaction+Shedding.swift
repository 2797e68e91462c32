import HTTP1
import Kernel
import VCLRuntime

extension Transaction {
    /// The target of the head as the client sent it.
    var askedTarget: Bytes {
        guard let start = head.firstIndex(of: 0x20) else { return .notSet }
        let rest = head.slice(start + 1, head.count)
        return rest.slice(0, rest.firstIndex(of: 0x20) ?? rest.count)
    }
}
