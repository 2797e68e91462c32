import Foundation
import Kernel

@testable import Edge

/// A self-signed certificate in a folder of its own, made by OpenSSL.
struct TestCertificate {
    let file: CertificateFile
    private let folder: TestFolder

    init(_ names: String..., folder: TestFolder = TestFolder(), as name: String = "server") throws {
        self.folder = folder
        file = CertificateFile(chain: folder.path("\(name).pem"), key: folder.path("\(name).key"))
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        var words = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test", "-keyout", file.key, "-out", file.chain,
        ]
        if !names.isEmpty { words += ["-addext", "subjectAltName=\(alternatives)"] }
        try TestCertificate.openssl(words)
    }

    static func openssl(_ words: [String]) throws { try spawned(["openssl"] + words) }
}

/// Runs a program to its end. Without Foundation, whose `Process` looks through the list of open files and reads past its end
/// when there are more than some thirteen hundred, as there are while all these tests run.
func spawned(_ words: [String]) throws {
    var quiet = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&quiet)
    defer { posix_spawn_file_actions_destroy(&quiet) }
    for stream in Int32(1)...2 { posix_spawn_file_actions_addopen(&quiet, stream, "/dev/null", O_WRONLY, 0) }
    var argv = words.map { strdup($0) } + [nil]
    defer { for word in argv { free(word) } }
    var child: pid_t = 0
    var status: Int32 = -1
    if posix_spawnp(&child, words[0], &quiet, nil, &argv, environ) == 0 {
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
    guard status == 0 else { throw Failure(.internal, "\(words.joined(separator: " ")) has failed") }
}

/// A temporary folder that goes when nobody holds it.
final class TestFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hq-edge-\(UUID().uuidString)")

    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
