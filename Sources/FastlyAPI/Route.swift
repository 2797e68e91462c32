import Foundation
import Journey
import Kernel

/// One row of the API: a method, a path with names where it varies, who may ask, and what answers.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Answer

    let method: String
    private let pattern: [Part]
    let needs: Role
    let handler: Handler

    private enum Part: Sendable {
        case word(String)
        case name(String)
        /// The rest of the path as it was sent, slashes and all.
        case rest(String)
    }

    /// `/service/:service/version/:version`; a last part `*name` is the rest.
    init(_ method: String, _ pattern: String, _ needs: Role, _ handler: @escaping Handler) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map { part in
            switch part.first {
            case ":": .name(String(part.dropFirst()))
            case "*": .rest(String(part.dropFirst()))
            default: .word(String(part))
            }
        }
        self.needs = needs
        self.handler = handler
    }

    /// What stands where the pattern has names; nil for a path that is another's. `path` is as it was sent, its parts still encoded.
    func match(_ path: String) -> [String: String]? {
        let given = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var found: [String: String] = [:]
        var index = given.startIndex
        for part in pattern {
            guard index < given.endIndex else { return nil }
            let text = given[index]
            switch part {
            case .word(let word): guard text == word else { return nil }
            case .name(let name):
                guard !text.isEmpty else { return nil }
                found[name] = text.removingPercentEncoding ?? String(text)
            case .rest(let name):
                found[name] = given[index...].joined(separator: "/")
                return found
            }
            index += 1
        }
        return index == given.endIndex ? found : nil
    }
}
