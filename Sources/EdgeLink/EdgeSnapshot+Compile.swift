import Crypto
import Diagnostics
import Foundation
import Kernel
package import VCLRuntime

extension EdgeSnapshot {
    /// What requests run against. Throws `Failure(.invalid)` with the diagnostics for a program with mistakes.
    package func compiled() throws -> Snapshot {
        try compiled(
            tables: Dictionary(uniqueKeysWithValues: entries.map { ($0, Table(name: $0, $1)) }), after: nil)
    }

    /// The same with the content of `tables`, by full names, in place of `entries`. Programs that were compiled for `previous` from
    /// the same text serve on, and what they counted goes on.
    package func compiled(
        tables: [String: Table], after previous: (document: EdgeSnapshot, snapshot: Snapshot)?
    ) throws -> Snapshot {
        guard services.count <= ServiceLimits.services else {
            throw Failure(.limit, "an edge has \(ServiceLimits.services) services at most")
        }
        let lists = Set(accessLists)
        let known = previous?.snapshot.suppliedLists ?? [:]
        let contents = tables.filter { lists.contains($0.key) }.mapValues { table in
            known[table.name].flatMap { $0.source === table ? $0 : nil } ?? AccessList(table)
        }
        // Names with a slash are those of services.
        let own = Set(tables.keys.filter { !$0.contains("/") })
        let program =
            try reusable(previous, own, lists) ?? compiledProgram(own, lists)
        let hosts = try services.map { service in
            let made = try service.compiled(lists, after: previous)
            let snapshot = Snapshot(
                number: number, program: made.program, dictionaries: tables, accessLists: contents,
                rateLimits: made.rateLimits, shedding: shedding, service: made.identity,
                fullNames: service.dictionaries)
            return (snapshot: snapshot, domains: service.domains)
        }
        return Snapshot(
            number: number, program: program, dictionaries: tables, accessLists: contents,
            rateLimits: previous?.snapshot.rateLimits ?? RateLimits(), shedding: shedding,
            service: serviceID.map { ServiceIdentity(id: $0, version: nil, md5: "", isApart: false) },
            services: hosts.isEmpty ? nil : ServiceHosts(hosts))
    }

    private func reusable(
        _ previous: (document: EdgeSnapshot, snapshot: Snapshot)?, _ own: Set<String>, _ lists: Set<String>
    ) -> Program? {
        guard let (old, snapshot) = previous, old.main == main, old.files == files, old.prelude == prelude,
            Set(snapshot.program.dictionaryNames) == own.subtracting(lists),
            Set(snapshot.program.accessListNames) == own.intersection(lists)
        else { return nil }
        return snapshot.program
    }

    private func compiledProgram(_ own: Set<String>, _ lists: Set<String>) throws -> Program {
        var model = ServiceModel()
        model.servedHere = true
        model.dictionaries = own.subtracting(lists).sorted()
        model.accessLists = own.intersection(lists).sorted()
        model.prelude = [SourceFile(name: "campaign backends", text: prelude)]
        for (name, text) in files { model.includes[name] = SourceFile(name: name, text: text) }
        let source = main.flatMap { name in files[name].map { SourceFile(name: name, text: $0) } }
        if let main, source == nil { throw Failure(.invalid, "the program '\(main)' is missing") }
        return try EdgeSnapshot.compile(
            source ?? SourceFile(name: "default.vcl", text: DefaultVCL.states), model)
    }

    fileprivate static func compile(_ source: SourceFile, _ model: ServiceModel) throws -> Program {
        let compiler = Compiler(model: model)
        guard let program = compiler.compile(source) else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        return program
    }
}

extension ServiceProgram {
    fileprivate struct Made {
        let program: Program
        let rateLimits: RateLimits
        let identity: ServiceIdentity
    }

    fileprivate func compiled(
        _ lists: Set<String>, after previous: (document: EdgeSnapshot, snapshot: Snapshot)?
    ) throws -> Made {
        let model = model(accessLists: lists)
        let old = previous?.snapshot.services?.snapshot(ofService: id)
        let digest = Insecure.MD5.hash(data: Data(main.text.utf8)).map { String(format: "%02x", $0) }.joined()
        let identity = ServiceIdentity(id: id, version: Int64(version), md5: digest, isApart: true)
        let limits = old?.rateLimits ?? RateLimits()
        if let old, let text = previous?.document.services.first(where: { $0.id == id }),
            hasProgram(of: text),
            Set(old.program.dictionaryNames) == Set(model.dictionaries),
            Set(old.program.accessListNames) == Set(model.accessLists)
        {
            return Made(program: old.program, rateLimits: limits, identity: identity)
        }
        do {
            let program = try EdgeSnapshot.compile(SourceFile(name: main.name, text: main.text), model)
            return Made(program: program, rateLimits: limits, identity: identity)
        } catch let failure as Failure {
            throw Failure(
                failure.kind, "the service '\(name)', version \(version): \(failure.message)",
                hint: failure.hint)
        }
    }

    /// What its program consists of besides its main file. `accessLists`: full names of the dictionaries that are such.
    package func model(accessLists: Set<String>) -> ServiceModel {
        func file(_ source: Source) -> SourceFile { SourceFile(name: source.name, text: source.text) }
        var model = ServiceModel()
        model.servedHere = true
        let names = dictionaries.keys.sorted()
        model.dictionaries = names.filter { !accessLists.contains(dictionaries[$0]!) }
        model.accessLists = names.filter { accessLists.contains(dictionaries[$0]!) }
        model.prelude = prelude.map(file)
        model.snippets = snippets.mapValues { $0.map(file) }
        for include in includes { model.includes[include.name] = file(include) }
        return model
    }

    private func hasProgram(of other: ServiceProgram) -> Bool {
        main == other.main && prelude == other.prelude && snippets == other.snippets
            && includes == other.includes
    }
}
