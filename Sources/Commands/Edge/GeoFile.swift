import ArgumentParser
import Foundation
import Kernel
import VCLRuntime

/// A database of places by address, in MaxMind's format, for `client.geo.*`.
struct GeoFile: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A MaxMind database (.mmdb), from which programs know where visitors are.", valueName: "file"),
        completion: .file(extensions: ["mmdb"]))
    var geo: String?

    /// The words that hand it to another process.
    var words: [String] { geo.map { ["--geo", $0] } ?? [] }

    func database() throws -> GeoDatabase? {
        guard let geo else { return nil }
        guard let data = FileManager.default.contents(atPath: geo) else {
            throw Failure(.notFound, "cannot read '\(geo)'")
        }
        do { return try GeoDatabase(Array(data)) } catch {
            throw Failure(.invalid, "'\(geo)' is no MaxMind database: \(error.message)")
        }
    }
}
