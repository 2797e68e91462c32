import VCL

// Where values go.
extension LintedProgram {
    /// The normal names that may hold something made from what `targets` hold, these included.
    func names(fedBy targets: [String]) -> Set<String> {
        var fed = Set(targets)
        var queue = Array(fed)
        while let name = queue.popLast() {
            for target in feeds[name] ?? [] where fed.insert(target).inserted { queue.append(target) }
        }
        return fed
    }

    /// For each name the targets of the assignments that read it.
    static func feeds(of program: LintedProgram) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for assignment in program.assignments {
            for name in program.sources(of: assignment.value, sub: assignment.place.sub) {
                found[name, default: []].append(assignment.target)
            }
        }
        return found
    }

    /// The names that an expression reads, functional subs as `sub:NAME`.
    private func sources(of expression: Expression, sub: Int) -> [String] {
        if let name = normal(expression, in: sub) { return [name] }
        var found = LintedProgram.children(expression).flatMap { sources(of: $0, sub: sub) }
        if let (name, _) = call(expression), subsByName[name] != nil { found.append("sub:" + name) }
        return found
    }

    /// Whether a header's value ends up as a Location.
    static func isLocation(_ name: String) -> Bool { name.hasSuffix(".http.location") }
}
