package import Kernel

/// Only what the cache has is served: no request goes to a backend, save for what lies below some paths. An operator switches it
/// on and off while the edge runs.
package struct ShedRule: Sendable, Hashable, Codable {
    /// Beginnings of paths: `/donate` is `/donate`, what lies below it and what has a query behind it, and not `/donated`.
    package let except: [String]

    package init(except: [String] = []) { self.except = except }

    /// Whether a request for this target, in origin form or absolute, may go to a backend.
    package func exempts(_ target: Bytes) -> Bool {
        !except.isEmpty && target.pathOfTarget.liesBelow(except)
    }
}
