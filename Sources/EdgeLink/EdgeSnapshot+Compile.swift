import Diagnostics
import Kernel
package import VCLRuntime

extension EdgeSnapshot {
    /// What requests run against. Throws `Failure(.invalid)` with the diagnostics for a program with mistakes.
    /// `rateLimits` are those of the snapshot before, so that nobody's count begins anew with a program.
    package func compiled(rateLimits: RateLimits = RateLimits()) throws -> Snapshot {
        var model = ServiceModel()
        model.servedHere = true
        model.dictionaries = dictionaries.keys.sorted()
        model.prelude = [SourceFile(name: "campaign backends", text: prelude)]
        for (name, text) in files { model.includes[name] = SourceFile(name: name, text: text) }
        let compiler = Compiler(model: model)
        let source = main.flatMap { name in files[name].map { SourceFile(name: name, text: $0) } }
        if let main, source == nil { throw Failure(.invalid, "the program '\(main)' is missing") }
        guard
            let program = compiler.compile(
                source ?? SourceFile(name: "default.vcl", text: DefaultVCL.states))
        else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        let tables = dictionaries.map { name, entries in
            (name, Table(name: name, entries: entries.map { (key: $0.key, value: $0.value) }))
        }
        return Snapshot(
            number: number, program: program, dictionaries: Dictionary(uniqueKeysWithValues: tables),
            rateLimits: rateLimits, shedding: shedding)
    }
}
