package import Diagnostics
import VCL
package import VCLRuntime

/// A file that is no program: statements of one state, as a service's snippets are. It is compiled where it
/// would stand, inside the sub of its type, with the smallest service around it.
package enum BareSnippet {
    /// What the compiler compiles for it; findings in it carry its own name and places. `service` is what
    /// surrounds it; by default one backend, `F_origin`.
    package static func program(
        _ source: SourceFile, _ kind: FastlyService.Snippet.Kind, in service: FastlyService? = nil
    ) -> (main: SourceFile, model: ServiceModel) {
        let around = service ?? smallest
        var model = around.partialModel()
        switch kind {
        case .`init`: model.prelude.append(source)
        case .none: model.snippets["recv", default: []].append(source)
        default: model.snippets[kind.rawValue, default: []].append(source)
        }
        return (around.main, model)
    }

    /// The findings in the snippet alone.
    package static func check(
        _ source: SourceFile, _ kind: FastlyService.Snippet.Kind, in service: FastlyService? = nil
    ) -> [PlacedDiagnostic] {
        let (main, model) = program(source, kind, in: service)
        let compiler = Compiler(model: model)
        _ = compiler.compile(main)
        return compiler.diagnostics.placed(in: compiler.sources).filter { $0.file == source.name }
    }

    private static var smallest: FastlyService {
        var service = FastlyService()
        var origin = FastlyService.Backend()
        (origin.name, origin.address) = ("origin", "127.0.0.1")
        service.backends = [origin]
        return service
    }

    // MARK: guessing

    /// Whether the file holds statements where a program has declarations.
    package static func isBare(_ source: SourceFile) -> Bool {
        guard !Parser.opensWithDeclaration(source) else { return false }
        let (tree, mistakes) = Parser.parse(source, file: 0)
        guard tree.declarations.isEmpty || mistakes.hasErrors else { return false }
        let (body, found) = Parser.body(source, file: 0)
        return !body.isEmpty && found.count < mistakes.count
    }

    /// The type that a file's path tells: `recv.vcl`, `fetch_images.vcl`, `home_error.vcl`,
    /// `snippets/deliver/a.vcl`; nil when it tells none.
    package static func kind(ofPath path: String) -> FastlyService.Snippet.Kind? {
        let parts = path.lowercased().split(separator: "/")
        guard let file = parts.last else { return nil }
        let words = file.prefix { $0 != "." }.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        // The beginning says it as a rule, then the end, then anything between, then the folder.
        let candidates = words.prefix(1) + words.reversed() + parts.dropLast().suffix(1).map(String.init)
        return candidates.lazy.compactMap { FastlyService.Snippet.Kind(rawValue: $0) }.first
    }

    /// The type that fits the code best: the state in which the fewest findings are made. Of several the one
    /// that the file's path tells, else the first in which most code of its kind stands.
    package static func kind(of source: SourceFile) -> FastlyService.Snippet.Kind {
        guard isBare(source) else { return .`init` }
        let told = kind(ofPath: source.name).flatMap { states.contains($0) ? $0 : nil }
        let candidates = [told].compactMap(\.self) + states
        let counts = candidates.map { check(source, $0).count }
        return candidates[counts.indices.min { counts[$0] < counts[$1] }!]
    }

    private static let states: [FastlyService.Snippet.Kind] = [
        .recv, .miss, .fetch, .deliver, .error, .pass, .hit, .hash, .log,
    ]
}
