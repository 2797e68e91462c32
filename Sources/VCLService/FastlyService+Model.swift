package import Diagnostics
package import Kernel
import VCL
package import VCLRuntime

extension FastlyService {
    /// The program's main file: the service's own, or the standard one when it has none.
    package var main: SourceFile {
        if let own = files.first(where: \.isMain) ?? (onlyFileIsMain && files.count == 1 ? files.first : nil)
        {
            return SourceFile(name: own.name, text: own.content)
        }
        return SourceFile(name: FastlyService.generatedPrefix + "main", text: standardMain)
    }

    /// What the compiler compiles together with `main`: declarations, the code of each macro, and what may be
    /// included. Each object's code is a source of its own, named after it (`snippet "x" (recv)`, `condition
    /// "y"`), so that a finding in it leads to it. Throws the first of `problems`.
    package func model() throws -> ServiceModel {
        if let first = problems.first { throw first }
        return partialModel()
    }

    /// The same without the objects that have a problem, for whoever tells of all problems beside the
    /// program's findings.
    package func partialModel() -> ServiceModel {
        var expansion = Expansion(self)
        var model = ServiceModel()
        model.prelude = expansion.declarations()
        model.snippets = [
            "recv": expansion.recv(), "hash": expansion.hash(), "hit": expansion.hit(),
            "miss": expansion.backendRequest(.miss), "pass": expansion.backendRequest(.pass),
            "fetch": expansion.fetch(), "error": expansion.error(), "deliver": expansion.deliver(),
            "log": expansion.log(),
        ]
        model.includes = expansion.includes
        let main = main.name
        for file in files where file.name != main {
            let source = SourceFile(name: file.name, text: file.content)
            model.includes[file.name] = source
            // Programs name a file with or without its ending, whichever it has.
            let other =
                file.name.hasSuffix(".vcl") ? String(file.name.dropLast(4)) : file.name + ".vcl"
            if !files.contains(where: { $0.name == other }) { model.includes[other] = source }
        }
        for snippet in snippets where snippet.kind == .none {
            model.includes["snippet::" + snippet.name] = Expansion.source(of: snippet)
        }
        return model
    }

    /// What the names of sources begin with that nobody wrote: the code that every service has.
    package static let generatedPrefix = "generated "

    /// What programs call an object with this name.
    package static func identifier(_ name: String) -> String { VCLText.identifier(name) }

    // MARK: references

    /// Objects that name another which the service does not have; each a `Failure(.invalid)`.
    package var problems: [Failure] {
        var found: [Failure] = []
        func need(_ name: String, _ known: [String], _ what: String, of owner: String) {
            guard !name.isEmpty, !known.contains(name) else { return }
            found.append(
                Failure(
                    .invalid, "\(owner) names the \(what) '\(name)', which the service does not have",
                    hint: nearest(name, among: known).map { "did you mean '\($0)'?" }))
        }
        let known = conditions.map(\.name)
        for (owner, names) in conditionUses {
            for name in names { need(name, known, "condition", of: owner) }
        }
        for backend in backends {
            let owner = "backend '\(backend.name)'"
            need(backend.healthCheck, healthChecks.map(\.name), "health check", of: owner)
        }
        for director in directors {
            for member in director.backends {
                need(member, backends.map(\.name), "backend", of: "director '\(director.name)'")
            }
        }
        for limiter in rateLimiters {
            let owner = "rate limiter '\(limiter.name)'"
            need(limiter.responseObject, responseObjects.map(\.name), "response object", of: owner)
            need(limiter.uriDictionary, dictionaries.map(\.name), "dictionary", of: owner)
        }
        return found
    }

    private var conditionUses: [(owner: String, names: [String])] {
        var uses: [(owner: String, names: [String])] = []
        uses += backends.map { ("backend '\($0.name)'", [$0.requestCondition]) }
        uses += headers.map {
            ("header '\($0.name)'", [$0.requestCondition, $0.cacheCondition, $0.responseCondition])
        }
        uses += gzips.map { ("gzip '\($0.name)'", [$0.cacheCondition]) }
        uses += cacheSettings.map { ("cache setting '\($0.name)'", [$0.cacheCondition]) }
        uses += requestSettings.map { ("request setting '\($0.name)'", [$0.requestCondition]) }
        uses += responseObjects.map {
            ("response object '\($0.name)'", [$0.requestCondition, $0.cacheCondition])
        }
        uses += logs.map { ("log endpoint '\($0.name)'", [$0.responseCondition]) }
        return uses
    }
}
