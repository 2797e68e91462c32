import Diagnostics
import VCL

/// Request headers that somebody sets and nobody reads. The origin reads what it is sent, so that only those are told about
/// that are set when the request went out already, or taken away before it goes.
enum Headers {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        guard program.isWhole, !readsByName(program) else { return }
        let restartsLate = program.exits.contains {
            $0.kind == .restart && !lateScopes.isDisjoint(with: program.subs[$0.place.sub].scopes)
        }
        let early = restartsLate ? nil : earlyNames(program)
        let taken = takenAway(program)
        var told: Set<String> = []
        for mention in program.mentions where mention.kind == .set || mention.kind == .add {
            guard mention.name.hasPrefix("req.http."), mention.place.sub >= 0,
                told.insert(mention.name).inserted
            else { continue }
            let header = String(mention.name.dropFirst("req.http.".count))
            let isLate = early.map { !$0.contains(mention.name) } ?? false
            guard isLate || taken.contains(header), !header.hasPrefix("fastly-"),
                !header.hasPrefix("surrogate-"), !isRead(header, program)
            else { continue }
            findings.add(
                "vcl/header-never-read", mention.span, "nothing reads '\(program.text(mention.span))'",
                hint: "remove the statement, or read the header where it is meant to matter")
        }
    }

    /// Names that are written while the request may still go to the origin, or where nobody can say when.
    private static func earlyNames(_ program: LintedProgram) -> Set<String> {
        var names: Set<String> = []
        for mention in program.mentions where mention.kind == .set || mention.kind == .add {
            guard mention.place.sub >= 0 else { continue }
            let scopes = program.subs[mention.place.sub].scopes
            if scopes.isEmpty || !scopes.subtracting(lateScopes).isEmpty { names.insert(mention.name) }
        }
        return names
    }

    /// Headers that every request loses before it goes to the origin.
    private static func takenAway(_ program: LintedProgram) -> Set<String> {
        var headers: Set<String> = []
        for mention in program.mentions where mention.kind == .unset && mention.place.condition < 0 {
            guard mention.place.sub >= 0 else { continue }
            if mention.name.hasPrefix("bereq.http.") {
                headers.insert(String(mention.name.dropFirst("bereq.http.".count)))
            } else if mention.name.hasPrefix("req.http."),
                !program.subs[mention.place.sub].scopes.isDisjoint(with: fetching)
            {
                headers.insert(String(mention.name.dropFirst("req.http.".count)))
            }
        }
        return headers
    }

    private static let lateScopes = Scopes(.deliver, .log)
    private static let fetching = Scopes(.miss, .pass)

    /// A header's name may be made at run time, or all headers may be listed: then nobody knows which are read.
    private static func readsByName(_ program: LintedProgram) -> Bool {
        if program.reads.keys.contains("req.headers") { return true }
        return program.calls.contains { call in
            call.name.hasPrefix("header.")
                && call.arguments.dropFirst().first.map { program.literal($0) == nil } ?? false
        }
    }

    private static func isRead(_ header: String, _ program: LintedProgram) -> Bool {
        if program.reads["req.http." + header] != nil || program.reads["bereq.http." + header] != nil {
            return true
        }
        // By a function that takes the header's name, or through Vary.
        return program.lowercasedLiterals.contains(header)
    }
}
