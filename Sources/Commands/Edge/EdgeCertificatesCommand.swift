import ArgumentParser
import EdgeLink
import Foundation
import Journey
import Kernel

/// `hq edge certificates`: which certificates an edge shows, how long they last, and how their renewal fares.
struct EdgeCertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Which certificates an edge shows, how long they last, and when they are renewed.",
        discussion: "Ends with status 1 when one has expired, is self-made, or could not be renewed.")

    @Flag(help: "Print one JSON document.") var json = false
    @OptionGroup var asked: EdgeDoorOptions

    func run() async throws {
        let found = try await asked.door().ask("/v1/certificates", as: [EdgeCertificate].self)
        let now = wallClock() / 1_000_000_000
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Terminal.say(String(decoding: try encoder.encode(found), as: UTF8.self))
        } else {
            Terminal.say(CertificateTable(found, now: now).text)
        }
        if found.contains(where: { $0.isSelfMade || $0.notAfter < now || $0.lastError != nil }) {
            throw ExitCode(1)
        }
    }
}

/// What `hq edge certificates` prints.
struct CertificateTable {
    private let certificates: [EdgeCertificate]
    private let now: Int64

    /// `now` is in seconds since 1970.
    init(_ certificates: [EdgeCertificate], now: Int64) {
        self.certificates = certificates
        self.now = now
    }

    var text: String {
        guard !certificates.isEmpty else {
            return "this edge has no certificates: it does not listen for TLS"
        }
        let rows = [["host", "issuer", "ends", "renewal"]] + certificates.map(row)
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmedAtEnd
        }
        for one in certificates {
            guard let error = one.lastError else { continue }
            let times = one.failures > 1 ? "\(one.failures) times in a row, last" : "once"
            lines.append("\(one.names.first ?? one.file): failed \(times): \(error)")
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ one: EdgeCertificate) -> [String] {
        [
            one.names.isEmpty ? "(no host)" : one.names.joined(separator: " "),
            one.isSelfMade ? "self-made, none issued yet" : one.issuer,
            one.isSelfMade ? "-" : day(one.notAfter) + (one.notAfter < now ? " (expired)" : ""),
            one.renewal.map { $0 <= now ? "now" : day($0) } ?? "by its file",
        ]
    }

    private func day(_ seconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(seconds))
        let far = abs(seconds - now) > 2 * 86_400
        return far
            ? date.formatted(.iso8601.year().month().day())
            : date.formatted(.iso8601)
    }
}

extension String {
    fileprivate var trimmedAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
