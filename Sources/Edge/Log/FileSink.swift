import Kernel
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// Appends to a file, or writes to standard output. A disk or a pipe that hangs holds up a thread of its own.
package final class FileSink: LogSink {
    private struct File: Sendable {
        var descriptor: Int32 = -1
        /// Bytes of the latest batch that are written; the rest of it comes again.
        var isStandard = false
    }

    private let path: String?
    private let threads = NIOThreadPool(numberOfThreads: 1)
    private let file: Guarded<File>

    /// Nil is standard output. Throws `Failure` when the file cannot be opened.
    package init(path: String?) throws {
        self.path = path
        file = Guarded(
            path == nil
                ? File(descriptor: STDOUT_FILENO, isStandard: true)
                : File(descriptor: try FileSink.open(path ?? "")))
        threads.start()
    }

    /// For its owner to write and his group to read, as logs are.
    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw Failure(
                .unavailable, "cannot write the log '\(path)': \(String(cString: strerror(errno)))",
                hint: "its folder must exist, and this user must be allowed to write there")
        }
        return descriptor
    }

    package func write(_ lines: [UInt8]) async throws {
        try await threads.runIfActive { [self] in
            let descriptor = try file.withLock { file in
                if file.descriptor < 0, let path { file.descriptor = try FileSink.open(path) }
                return file.descriptor
            }
            try FileSink.writeAll(lines, to: descriptor)
        }
    }

    private static func writeAll(_ lines: [UInt8], to descriptor: Int32) throws {
        try lines.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let count = Glibc.write(descriptor, raw.baseAddress! + done, raw.count - done)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wait, 1, 1000)
                    continue
                }
                guard count >= 0 else { throw Failure(.unavailable, String(cString: strerror(errno))) }
                done += count
            }
        }
    }

    /// The next lines go to a file that is opened anew under the same name.
    package func reopen() async {
        guard path != nil else { return }
        try? await threads.runIfActive { [self] in
            file.withLock { file in
                if file.descriptor >= 0 { Glibc.close(file.descriptor) }
                file.descriptor = -1
                // At once, so that the file is there when rotation goes on; a failure shows with the next lines.
                if let path, let descriptor = try? FileSink.open(path) { file.descriptor = descriptor }
            }
        }
    }

    package func close() async {
        await withCheckedContinuation { done in threads.shutdownGracefully { _ in done.resume() } }
        file.withLock { file in
            if !file.isStandard, file.descriptor >= 0 { Glibc.close(file.descriptor) }
            file.descriptor = -1
        }
    }
}
