import ArgumentParser
import Foundation
import Kernel
import Rehearsal

/// What a rehearsal asks for, how much and how.
struct LoadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Requests a second at the top; each shape has its own.", valueName: "number"))
    var rate: Double?

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 10m.", valueName: "duration"))
    var length: String?

    @Option(
        help: ArgumentHelp(
            "Paths to ask for, one on each line, each with a weight in front or (by Zipf's law) none.",
            valueName: "file"), completion: .file())
    var paths: String?

    @Option(
        help: ArgumentHelp(
            "An access log, in the combined format or JSON, whose GETs are asked for as often as they stand in it.",
            valueName: "file"), completion: .file())
    var log: String?

    @Option(help: ArgumentHelp("The most connections at once.", valueName: "number")) var connections = 1000

    @Option(help: ArgumentHelp("Connections that are open before the start.", valueName: "number"))
    var warmConnections = 0

    @Option(
        help: ArgumentHelp(
            "Close a connection after so many requests, as a visitor leaves.", valueName: "number"))
    var requestsPerConnection: Int?

    @Option(help: ArgumentHelp("How long an answer may take.", valueName: "duration")) var timeout = "10s"

    @Option(help: ArgumentHelp("How requests follow each other: even or poisson.", valueName: "how"))
    var spacing = "even"

    @Option(
        help: ArgumentHelp("The same seed asks for the same paths at the same moments.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Event loops of the generator; half of the cores when the edge is on this machine, else all.",
            valueName: "number"))
    var loops: Int?

    @Flag(help: "Ask for each path once before the start, so that the cache is warm.") var warm = false

    @Option(help: ArgumentHelp("The Host header, when it is not the target's.", valueName: "name")) var host:
        String?

    @Option(help: ArgumentHelp("The address to come from, such as 127.0.0.2.", valueName: "address"))
    var from: String?

    @Flag(help: "Take any certificate; for edges on this machine.") var insecure = false

    func validate() throws {
        if let rate, !(rate > 0 && rate <= RehearsalLimits.rate) {
            throw ValidationError(
                "--rate wants a number above 0, at most \(grouped(Int(RehearsalLimits.rate)))")
        }
        if let length {
            guard let read = Duration(parsing: length), read > .zero, read <= RehearsalLimits.longest else {
                throw ValidationError(
                    "--for wants a duration such as 10m, at most \(RehearsalLimits.longest.brief), not '\(length)'"
                )
            }
        }
        if Duration(parsing: timeout).map({ $0 > .zero }) != true {
            throw ValidationError("--timeout wants a duration such as 10s, not '\(timeout)'")
        }
        if paths != nil, log != nil { throw ValidationError("give --paths or --log, not both") }
        if !(1...RehearsalLimits.connections).contains(connections) {
            throw ValidationError("--connections wants 1 to \(grouped(RehearsalLimits.connections))")
        }
        if !(0...connections).contains(warmConnections) {
            throw ValidationError("--warm-connections wants 0 to as many as --connections")
        }
        if let requestsPerConnection, requestsPerConnection < 1 {
            throw ValidationError("--requests-per-connection wants 1 or more")
        }
        if let loops, !(1...64).contains(loops) { throw ValidationError("--loops wants 1 to 64") }
        if ArrivalSchedule.Spacing(rawValue: spacing) == nil {
            throw ValidationError("--spacing is even or poisson, not '\(spacing)'")
        }
        if let from, IPAddress(from) == nil {
            throw ValidationError("--from wants an address of this machine such as 127.0.0.2, not '\(from)'")
        }
        if let host, host.isEmpty || !host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw ValidationError("--host wants a name such as www.example.org")
        }
    }

    /// What is asked for, or nil when nothing was said.
    func mix() throws -> PathMix? {
        if let paths {
            return try .list(String(decoding: LoadOptions.bytes(of: paths), as: UTF8.self), name: paths)
        }
        guard let log else { return nil }
        var reader = AccessLog()
        // A day's log is not made a string as a whole.
        for line in try LoadOptions.bytes(of: log).split(separator: 0x0A) {
            reader.add(line: String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self))
        }
        return try reader.mix(name: log)
    }

    private static func bytes(of path: String) throws -> Data {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size else { throw Failure(.notFound, "cannot read '\(path)'") }
        guard size <= RehearsalLimits.logBytes else {
            throw Failure(.limit, "'\(path)' is longer than \(ByteCount(RehearsalLimits.logBytes))")
        }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch { throw Failure(.notFound, "cannot read '\(path)'") }
    }
}

/// What decides over the exit status.
struct ThresholdOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Fail when p99 of all answers is longer.", valueName: "duration")) var maxP99:
        String?
    @Option(help: ArgumentHelp("Fail when p99 of cache hits is longer.", valueName: "duration"))
    var maxHitP99: String?
    @Option(
        help: ArgumentHelp(
            "Fail when more requests than this share (0.1%, or 0) had no answer, or one of 500 and above.",
            valueName: "percent"))
    var maxErrors: String?

    func validate() throws {
        for (name, text) in [("max-p99", maxP99), ("max-hit-p99", maxHitP99)] {
            if let text, Duration(parsing: text) == nil {
                throw ValidationError("--\(name) wants a duration such as 5ms, not '\(text)'")
            }
        }
        if let maxErrors, ThresholdOptions.share(maxErrors) == nil {
            throw ValidationError("--max-errors wants a share such as 0.1%, not '\(maxErrors)'")
        }
    }

    private static func share(_ text: String) -> Double? {
        let number = Double(text.hasSuffix("%") ? String(text.dropLast()) : text)
        guard let number, (0...100).contains(number) else { return nil }
        return number / 100
    }

    var thresholds: Thresholds {
        var made = Thresholds()
        made.p99 = maxP99.flatMap { Duration(parsing: $0) }.map { Int($0.nanoseconds / 1000) }
        made.hitP99 = maxHitP99.flatMap { Duration(parsing: $0) }.map { Int($0.nanoseconds / 1000) }
        made.errors = maxErrors.flatMap { ThresholdOptions.share($0) }
        return made
    }
}
