package import Diagnostics
package import VCL

/// Names that a program may use besides the built-ins: what test files know of assertions and mocks.
package struct Extension: Sendable {
    package var functions: [String: @Sendable (CallSite) -> Code?]
    package var variables: [String: Code]

    package init(functions: [String: @Sendable (CallSite) -> Code?], variables: [String: Code]) {
        self.functions = functions
        self.variables = variables
    }
}

/// One call of an extension's function, while it is compiled.
package struct CallSite {
    let compiler: Compiler
    let context: SubContext
    package let name: String
    package let arguments: [Expression]
    package let span: Span

    /// The argument as the expression that it is.
    package func code(_ index: Int) -> Code? { compiler.expression(arguments[index], context) }

    /// The argument converted as an assignment would.
    package func code(_ index: Int, as type: ValueType) -> Code? {
        compiler.converted(arguments[index], to: type, context)
    }

    /// The argument as written: a declared name, a state.
    package func word(_ index: Int) -> String { compiler.text(arguments[index].span) }

    /// The text of a string literal, or nil with a diagnostic.
    package func literal(_ index: Int) -> String? {
        if let text = compiler.literalText(arguments[index]) { return text }
        report("'\(name)' needs a string in quotes here", at: arguments[index].span)
        return nil
    }

    package func table(_ name: String) -> Int? { compiler.tableIndex[name] }
    package func sub(_ name: String) -> Int? { compiler.word(name).sub?.number }
    package func parameterCount(_ name: String) -> Int { compiler.word(name).sub?.parameters.count ?? 0 }
    package func returns(_ name: String) -> ValueType? { compiler.word(name).sub?.returns }

    /// The variable of this name, whatever the state that the call stands in.
    package func variable(_ name: String) -> Code? {
        let anywhere = SubContext(like: context, scopes: [])
        return compiler.name(compiler.word(name), span, anywhere)
    }

    package func report(_ message: String, at place: Span? = nil, hint: String? = nil) {
        compiler.report("vcl/test", place ?? span, message, hint: hint)
    }
}
