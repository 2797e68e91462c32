import Foundation
import Kernel

/// Another program, started by a test. Foundation's `Process` ends the whole test run once some 1,300 descriptors are open, as
/// they are while scenarios of the edge run beside.
final class ChildProcess: Sendable {
    let processIdentifier: pid_t
    private let ended = Guarded<Int32?>(nil)

    /// The first word is a file. What it says goes to `output`, or nowhere.
    init(
        _ words: [String], environment more: [String: String] = [:], output: Int32? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in Int32(1)...2 {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, stream)
            } else {
                posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
            }
        }
        // It would keep the listeners of other tests open, and their clients would wait for it.
        precondition(closeFrom(&actions, 3) == 0, "glibc closes what a child shall not have")
        // Threads of a test block signals, and children inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let environment = ProcessInfo.processInfo.environment.merging(more) { $1 }
        var argv = words.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in argv + envp { free(word) } }
        var child: pid_t = 0
        let error = posix_spawn(&child, words[0], &actions, &attributes, &argv, &envp)
        guard error == 0 else {
            throw Failure(.unavailable, "cannot start \(words[0]): \(String(cString: strerror(error)))")
        }
        processIdentifier = child
    }

    /// What it ended with, the negative number of the signal when one ended it; nil while it runs.
    var status: Int32? {
        ended.withLock { ended in
            var status: Int32 = 0
            if ended == nil, waitpid(processIdentifier, &status, WNOHANG) == processIdentifier {
                ended = status & 0x7F == 0 ? status >> 8 : -(status & 0x7F)
            }
            return ended
        }
    }

    var isRunning: Bool { status == nil }

    /// Its `status`, once it has ended.
    func waitUntilExit() -> Int32 {
        while true {
            if let status { return status }
            // Waits, and leaves it to `status` to take what it ended with.
            var info = siginfo_t()
            waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT)
        }
    }

    /// One that has ended is told nothing: another process may have its number by now.
    func signal(_ number: Int32) { if isRunning { kill(processIdentifier, number) } }
}

/// glibc 2.34 and later; its headers show it to C alone.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func closeFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32
