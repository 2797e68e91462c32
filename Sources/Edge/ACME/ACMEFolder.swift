package import ACME
import Crypto
import Foundation
import Kernel

/// Where an edge keeps its account at an authority and what that has issued: a folder for each directory, so that a certificate
/// of a staging authority is never taken for one of the real. Readable by the owner alone.
///
///     account.key           the account's key
///     account.json          its address at the authority
///     HOST.pem              the certificate's key, then its chain: one file, so that they are replaced together
///     keeper.lock           held by the edge that renews
package final class ACMEFolder: Sendable {
    let path: String
    private let lock = Guarded<Int32?>(nil)

    /// `directory` is the authority's address. Makes what is not there.
    package init(_ path: String, directory: String) throws {
        let name = directory.replacing("https://", with: "").replacing("http://", with: "")
        let letters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }
        self.path = URL(fileURLWithPath: path).appendingPathComponent(String(letters)).path
        do {
            try FileManager.default.createDirectory(
                atPath: self.path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(
                .unavailable, "cannot make the folder '\(self.path)' for certificates",
                hint: "give another with --acme-folder, or let the user that runs the edge write there",
                context: ["error": "\(error)"])
        }
    }

    deinit { releaseLock() }

    private func file(_ name: String) -> String { path + "/" + name }

    private func read(_ name: String) throws -> String? {
        let file = file(name)
        if let data = FileManager.default.contents(atPath: file) {
            return String(decoding: data, as: UTF8.self)
        }
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure(
                .forbidden, "may not read '\(file)'", hint: "let the user that runs the edge read it")
        }
        return nil
    }

    /// Whole or not at all, also when the power fails: beside it first, then in its place.
    private func write(_ text: String, _ name: String) throws {
        let draft = file(".\(name).\(getpid())")
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let isWritten =
            descriptor >= 0
            && text.withBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let count = Foundation.write(descriptor, bytes.start! + sent, bytes.count - sent)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    sent += count
                }
                return fsync(descriptor) == 0
            }
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(draft, file(name)) == 0 else {
            let why = String(cString: strerror(errno))
            unlink(draft)
            throw Failure(.unavailable, "cannot write '\(file(name))': \(why)")
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    // MARK: the account

    /// Makes one when there is none.
    func accountKey() throws -> AccountKey {
        if let pem = try read("account.key") {
            do { return try AccountKey(pem: pem) } catch {
                throw Failure(.invalid, "'\(file("account.key"))': \(error.message)", hint: error.hint)
            }
        }
        let made = AccountKey(P256.Signing.PrivateKey())
        // It was that of another key.
        unlink(file("account.json"))
        try write(made.pem, "account.key")
        return made
    }

    private struct Account: Codable { let url: String }

    /// The account's address; nil when it is not known.
    func account() -> String? {
        guard let text = try? read("account.json") else { return nil }
        return try? JSONDecoder().decode(Account.self, from: Data(text.utf8)).url
    }

    func keepAccount(_ url: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        try write(String(decoding: encoder.encode(Account(url: url)), as: UTF8.self) + "\n", "account.json")
    }

    // MARK: certificates

    /// Key and chain are one file.
    package func certificateFile(_ host: ACMEHost) -> CertificateFile {
        CertificateFile(chain: file("\(host).pem"), key: file("\(host).pem"))
    }

    /// Of the certificate that is there, if any.
    func facts(_ host: ACMEHost) -> CertificateFacts? {
        (try? read("\(host).pem")).flatMap { CertificateFacts(pem: $0) }
    }

    func keep(_ chain: String, _ key: P256.Signing.PrivateKey, for host: ACMEHost) throws {
        try write(key.pemRepresentation + "\n" + chain, "\(host).pem")
    }

    /// Makes certificates of our own for hosts that have none, so that a listener can begin; returns those hosts. What is
    /// there and can be used stays, expired or not.
    package func prepare(_ hosts: [ACMEHost], now: Int64) throws -> [ACMEHost] {
        var made: [ACMEHost] = []
        for host in hosts {
            // What may not be read must not be written over.
            _ = try read("\(host).pem")
            if (try? LoadedCertificate(certificateFile(host), now: Int(now))) != nil {
                if facts(host)?.isSelfIssued != false { made.append(host) }
                continue
            }
            let key = P256.Signing.PrivateKey()
            // Below 128, so that the number is not negative.
            let serial = [UInt8.random(in: 1...127)] + (0..<15).map { _ in UInt8.random(in: 0...255) }
            try keep(try SelfMadeCertificate.chain(for: host, key, serial: serial, now: now), key, for: host)
            made.append(host)
        }
        return made
    }

    // MARK: one keeper

    /// Whether this process renews what is here: one of all that use the folder does. The lock is the kernel's, so that it
    /// goes with the process however that ends.
    func takeLock() -> Bool {
        lock.withLock { held in
            if held != nil { return true }
            let descriptor = open(file("keeper.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return false }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                return false
            }
            held = descriptor
            return true
        }
    }

    func releaseLock() {
        lock.withLock { held in
            if let descriptor = held { close(descriptor) }
            held = nil
        }
    }
}
