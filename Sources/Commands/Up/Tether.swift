import Foundation

/// Ties a child to its parent: the parent holds the other end of the child's standard input, and when the parent is gone, however
/// it went, the child reads its end and goes too. So no orphan holds a port.
enum Tether {
    static func hold() {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            kill(getpid(), SIGTERM)
            sleep(3)
            exit(1)
        }
    }
}
