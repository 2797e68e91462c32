package import Diagnostics
import HTTP1
import Kernel
package import VCL

/// What one expression came to.
package struct Evaluation: Sendable, Hashable {
    package let type: ValueType
    /// The value as VCL writes it where a STRING is wanted; empty for a value that is not set or has no text.
    package let value: String
    /// False for a STRING that is not set.
    package let isSet: Bool
    /// `fastly.error` after it: the name of a built-in's mistake, such as EPARSENUM.
    package let error: String?

    package init(type: ValueType, value: String, isSet: Bool, error: String?) {
        self.type = type
        self.value = value
        self.isSet = isSet
        self.error = error
    }
}

/// Computes single expressions by the compiler that serves requests: `hq vcl eval`, hovers and the tests of the built-ins.
package struct Evaluator {
    package let model: ServiceModel
    /// Tables, ACLs, backends and subs that expressions may name.
    package let declarations: String
    /// What dictionaries of the model hold, by their names.
    package var dictionaries: [String: Table] = [:]
    /// Called with the context before anything runs: the request, the time, the client.
    package var prepare: @Sendable (Context) -> Void = { _ in }

    package struct Mistake: Error {
        package let diagnostics: [PlacedDiagnostic]
    }

    package init(declarations: String = "", model: ServiceModel = ServiceModel()) {
        self.declarations = declarations
        self.model = model
    }

    /// The value of `expression` in the state `scope` behind `statements`. A mistake of either is thrown with its place;
    /// places in `expression` are in a file named "expression".
    package func evaluate(_ expression: String, after statements: String = "", in scope: Scope = .recv)
        throws(Mistake) -> Evaluation
    {
        let compiler = Compiler(model: model)
        let text = "\(declarations)\nsub \(scope.subroutine) {\n\(statements)\n}\n"
        let wanted = SourceFile(name: "expression", text: expression)
        guard
            let (program, code) = compiler.compile(
                SourceFile(name: "program", text: text), computing: wanted, in: scope)
        else { throw Mistake(diagnostics: compiler.diagnostics.placed(in: compiler.sources)) }
        let context = Context(
            snapshot: Snapshot(number: 1, program: program, dictionaries: dictionaries),
            random: SeededRandom(seed: 0))
        context.reset(snapshot: context.snapshot)
        Evaluator.plainRequest(context)
        prepare(context)
        _ = program.run(scope, context)
        return Evaluator.value(of: code, context)
    }

    /// A request for `/` that has been answered with 200, so that every state's variables have something to say.
    private static func plainRequest(_ context: Context) {
        context.req.method = Bytes("GET")
        context.req.target = Bytes("/")
        context.req.headers.append(HeaderField(HeaderName.host, value: Bytes("example.com")))
        context.bereq.method = Bytes("GET")
        context.bereq.target = Bytes("/")
        context.beresp.status = 200
        context.obj.status = 200
        context.resp.status = 200
    }

    private static func value(of code: Code, _ context: Context) -> Evaluation {
        var text = Bytes.empty
        if let string = code.asString {
            text = string(context)
        } else if case .void(let step) = code {
            _ = step(context)
        }
        let error = context.lastError
        return Evaluation(
            type: code.type, value: text.string, isSet: text.isSet,
            error: error.isSet && !error.isEmpty ? error.string : nil)
    }
}

extension Compiler {
    /// The program and one expression of it, compiled as if it stood at the end of the state's subroutine.
    func compile(_ main: SourceFile, computing expression: SourceFile, in scope: Scope) -> (Program, Code)? {
        let (tree, found) = Parser.expression(expression, file: addSource(expression))
        add(found)
        guard let tree else { return nil }
        probe = Probe(sub: scope.subroutine, expression: tree)
        guard let program = compile(main), let code = probe?.code else { return nil }
        return (program, code)
    }
}

/// An expression to compile behind the last statement of a sub, where its local variables are known.
struct Probe {
    let sub: String
    let expression: Expression
    var code: Code?
}
