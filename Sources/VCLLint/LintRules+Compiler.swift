import Diagnostics

// What the parser and the compiler report.
extension LintRules {
    static let syntax: [LintRule] = [
        LintRule(
            "vcl/syntax", .error, "a word stands where the language expects another",
            [
                "acl/syntax", "backend/syntax", "director/syntax", "table/syntax", "subroutine/syntax",
                "penaltybox/syntax", "penaltybox/nonempty-block", "ratecounter/syntax",
                "ratecounter/nonempty-block", "declare-statement/syntax", "set-statement/syntax",
                "unset-statement/syntax", "remote-statement/syntax", "remove-statement/syntax",
                "add-statement/syntax", "call-statement/syntax", "goto/syntax",
            ]),
        LintRule("vcl/too-deep", .error, "blocks or expressions are nested too deeply"),
        LintRule("vcl/number", .error, "a number or a time is too large"),
        LintRule("vcl/switch", .error, "a switch has more than one default"),
        LintRule(
            "vcl/include", .error, "an include names a file that is not there",
            ["include/module-not-found", "include/module-load-failed"]),
    ]

    static let names: [LintRule] = [
        LintRule("vcl/unknown-variable", .error, "no variable has this name", ["set-statement/syntax"]),
        LintRule("vcl/unknown-function", .error, "no function has this name"),
        LintRule(
            "vcl/unknown-sub", .error, "no sub has this name", ["call-statement/subroutine-notfound"]),
        LintRule("vcl/unknown-table", .error, "no table or dictionary has this name"),
        LintRule("vcl/unknown-backend", .error, "no backend has this name", ["backend/notfound"]),
        LintRule("vcl/unknown-acl", .error, "no ACL has this name"),
        LintRule("vcl/unknown-penaltybox", .error, "no penalty box has this name"),
        LintRule("vcl/unknown-ratecounter", .error, "no rate counter has this name"),
        LintRule("vcl/unknown-state", .error, "a sub is named like a state that does not exist"),
        LintRule(
            "vcl/unknown-type", .error, "no type has this name, or the thing cannot have it",
            [
                "declare-statement/invalid-type", "table/type-variation",
                "subroutine/invalid-return-type",
            ]),
        LintRule(
            "vcl/duplicate", .error, "two things have one name",
            [
                "acl/duplicated", "backend/duplicated", "director/duplicated", "table/duplicated",
                "subroutine/duplicated", "penaltybox/duplicated", "ratecounter/duplicated",
                "declare-statement/duplicated",
            ]),
        LintRule(
            "vcl/declare", .error, "a local variable's name does not begin with var.",
            ["declare-statement/syntax"]),
    ]

    static let types: [LintRule] = [
        LintRule(
            "vcl/type", .error, "a value has another type than its place needs",
            [
                "function/argument-type", "operator/conditional", "operator/assignment",
                "subroutine/invalid-return-type", "add-statement/syntax",
            ]),
        LintRule("vcl/operator", .error, "the type does not have this operator", ["operator/assignment"]),
        LintRule(
            "vcl/arguments", .error, "a call has too many or too few arguments", ["function/arguments"]),
        LintRule(
            "vcl/variable", .error, "a variable is used in a way that it does not allow",
            [
                "set-statement/syntax", "unset-statement/syntax", "remove-statement/syntax",
                "remote-statement/syntax", "add-statement/syntax",
            ]),
        LintRule("vcl/protected-header", .error, "a header that frames the message is changed"),
        LintRule(
            "vcl/scope", .error, "something is used in a state that does not have it",
            [
                "synthetic-statement/scope", "synthetic-base64-statement/scope",
                "restart-statement/scope", "error-statement/scope",
            ]),
        LintRule(
            "vcl/action", .error, "a state ends in a way that it cannot",
            ["restart-statement/scope", "error-statement/scope"]),
        LintRule("vcl/recursion", .error, "a sub calls itself", ["subroutine/recursive-call"]),
        LintRule("vcl/regex", .error, "a regular expression is broken"),
    ]

    static let declarations: [LintRule] = [
        LintRule("vcl/acl-address", .error, "an ACL holds something that is no address", ["acl/syntax"]),
        LintRule("vcl/backend", .error, "a backend's property is unknown or wrong", ["backend/syntax"]),
        LintRule(
            "vcl/director", .error, "a director is incomplete or unknown",
            ["director/syntax", "director/backend-required"]),
        LintRule("vcl/table", .error, "a table's value has the wrong type", ["table/syntax"]),
        LintRule("vcl/duplicate-key", .warning, "a table has one key twice"),
        LintRule(
            "vcl/director-property", .error, "a director of this type lacks or does not have this property",
            [
                "director/props-random", "director/props-fallback", "director/props-hash",
                "director/props-client", "director/props-chash",
            ]),
        LintRule(
            "vcl/probe", .warning, "a probe's numbers make the backend start or stay sick",
            ["backend/prober-configuration"]),
        LintRule("vcl/acl-overlap", .warning, "an ACL's entry repeats or contradicts another", fixable: true),
        LintRule(
            "vcl/pipe", .warning, "vcl_pipe is declared, which nothing runs", ["subroutine/forbid-vcl-pipe"]),
        LintRule(
            "vcl/missing-macro", .error, "a state has no #FASTLY macro", ["subroutine/boilerplate-macro"]),
    ]
}
