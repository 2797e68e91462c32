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

    static func openssl(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + words
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        // Not `waitUntilExit`, which may miss the end of one of several that run at once.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        ended.wait()
        guard process.terminationStatus == 0 else {
            throw Failure(.internal, "openssl \(words.joined(separator: " ")) has failed")
        }
    }
}

/// A temporary folder that goes when nobody holds it.
final class TestFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hq-edge-\(UUID().uuidString)")

    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
