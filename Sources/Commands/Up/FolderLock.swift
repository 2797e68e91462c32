import Foundation
import Journey
import Kernel

/// One `hq up` in a folder: the lock is the kernel's, so that it goes with the process however that ends.
struct FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: URL) throws {
        let path = folder.appendingPathComponent(".hq/up.lock").path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.unavailable, "cannot write \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(
                .conflict, "'hq up' runs in \(folder.path) already",
                hint: "hq status shows it; stop it first, or give --dir another campaign")
        }
    }

    func release() { close(descriptor) }
}
