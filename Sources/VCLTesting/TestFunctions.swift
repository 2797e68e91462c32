import HTTP1
import Kernel
import VCL
import VCLRuntime

/// The names that test files may use besides the built-ins: `assert.*` and `testing.*`, as falco's users write them.
enum TestFunctions {
    static let all = Extension(
        functions: assertions.merging(testing) { first, _ in first },
        variables: variables)

    private static let assertions: [String: @Sendable (CallSite) -> Code?] = Dictionary(
        uniqueKeysWithValues: Assertion.all.map { row in (row.name, { @Sendable in compile(row, $0) }) })

    private static func compile(_ row: Assertion, _ site: CallSite) -> Code? {
        let count = site.arguments.count
        guard count >= row.required, count <= row.most + 1 else {
            site.report("'\(row.name)' takes \(row.required) to \(row.most + 1) arguments, found \(count)")
            return nil
        }
        var codes: [@Sendable (Context) -> Value] = []
        for index in 0..<count {
            // A state such as `lookup` is a word of the language, not a variable.
            if row.name.hasSuffix("state"), index == 0 {
                let word = site.word(0)
                codes.append { _ in .id(word) }
                continue
            }
            guard let code = site.code(index) else { return nil }
            codes.append(code.value)
        }
        let (all, span) = (codes, site.span)
        return .void { context in
            guard let run = TestRun.of(context) else { return .stop }
            var values = all.map { $0(context) }
            // What stands behind the arguments, or in place of an optional one with another type, is the author's message.
            var message: Bytes?
            if values.count > row.required, values.count > row.most || isMessage(values, row),
                case .string(let text)? = values.last
            {
                message = text
                values.removeLast()
            }
            if let wrong = row.judge(AssertionCall(context: context, run: run, values: values)) {
                run.fail(message.map { "\($0.string) (\(wrong))" } ?? wrong, at: span, context)
            }
            return context.isStopped ? .stop : .next
        }
    }

    /// `assert.subroutine_called("name", "message")`: a STRING where a number may stand.
    private static func isMessage(_ values: [Value], _ row: Assertion) -> Bool {
        guard row.name == "assert.subroutine_called", case .string = values[1] else { return false }
        return true
    }

    private static let variables: [String: Code] = [
        "testing.state": .string { context in
            TestRun.of(context)?.state.map { context.arena.copy($0.uppercased()) } ?? .empty
        },
        "testing.synthetic_body": .string { $0.synthetic },
        "testing.origin_host_header": .string { context in
            let backend = context.snapshot.program.backend(at: context.backend)
            if let host = backend?.hostHeader { return context.arena.copy(host) }
            return context.req.headers[.host]
        },
    ]

    private static let testing: [String: @Sendable (CallSite) -> Code?] = [
        "testing.call_subroutine": callSubroutine, "testing.fixed_time": fixedTime,
        "testing.override_host": overrideHost, "testing.inject_variable": injectVariable,
        "testing.inspect": inspect, "testing.table_set": tableSet, "testing.table_merge": tableMerge,
        "testing.mock": mock, "testing.restore_mock": restoreMock,
        "testing.restore_all_mocks": { _ in effect { run, _ in run.mocks = [:] } },
        "testing.get_env": getEnvironment, "testing.fixed_access_rate": fixedRate,
        "testing.set_backend_health": backendHealth,
    ]

    private static func effect(_ body: @escaping @Sendable (TestRun, Context) -> Void) -> Code {
        .void { context in
            if let run = TestRun.of(context) { body(run, context) }
            return context.isStopped ? .stop : .next
        }
    }

    private static func takes(_ range: ClosedRange<Int>, _ site: CallSite) -> Bool {
        if range.contains(site.arguments.count) { return true }
        let many = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        site.report("'\(site.name)' takes \(many) arguments, found \(site.arguments.count)")
        return false
    }

    // MARK: subs

    private static func knownSub(_ site: CallSite, _ index: Int) -> Int? {
        guard let name = site.literal(index) else { return nil }
        if let sub = site.sub(name) { return sub }
        site.report("no sub is named '\(name)'", at: site.arguments[index].span)
        return nil
    }

    private static func callSubroutine(_ site: CallSite) -> Code? {
        guard takes(1...64, site), let sub = knownSub(site, 0), let name = site.literal(0) else { return nil }
        var codes: [@Sendable (Context) -> Value] = []
        for index in site.arguments.indices.dropFirst() {
            guard let code = site.code(index) else { return nil }
            codes.append(code.value)
        }
        let (arguments, wanted) = (codes, site.parameterCount(name))
        guard arguments.count == wanted else {
            site.report("'\(name)' takes \(wanted) arguments, found \(arguments.count)")
            return nil
        }
        @Sendable func call(_ context: Context) {
            guard !context.isStopped else { return }
            let flow = context.call(sub, arguments.map { $0(context) })
            TestRun.of(context)?.ended(flow, context)
            if flow == .stop { context.isStopped = true }
        }
        guard let type = site.returns(name) else {
            return .string { context in
                call(context)
                return TestRun.of(context)?.state.map { context.arena.copy($0) } ?? .notSet
            }
        }
        return returned(type, call)
    }

    private static func returned(_ type: ValueType, _ call: @escaping @Sendable (Context) -> Void) -> Code? {
        @Sendable func value(_ context: Context) -> Value {
            call(context)
            return context.returned(type)
        }
        return Code(type) { value($0) }
    }

    private static func mock(_ site: CallSite) -> Code? {
        guard takes(2...2, site), let from = knownSub(site, 0), let to = knownSub(site, 1),
            let name = site.literal(0)
        else { return nil }
        guard !name.hasPrefix("vcl_") else {
            site.report("'\(name)' is a state, which cannot be mocked", at: site.arguments[0].span)
            return nil
        }
        return effect { run, _ in run.mocks[from] = to }
    }

    private static func restoreMock(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let from = knownSub(site, 0) else { return nil }
        return effect { run, _ in run.mocks[from] = nil }
    }

    // MARK: time, host, variables

    private static func fixedTime(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let code = site.code(0) else { return nil }
        let (value, span) = (code.value, site.arguments[0].span)
        return effect { run, context in
            switch value(context) {
            case .integer(let seconds): context.now = seconds &* 1_000_000_000
            case .time(let nanoseconds): context.now = nanoseconds
            case .string(let text):
                guard let seconds = CivilTime.seconds(text.string) else {
                    return run.fail(
                        "expected a time such as \"2023-09-08 16:59:00\", found \"\(text.string)\"", at: span,
                        context)
                }
                context.now = seconds * 1_000_000_000
            case let other:
                run.fail("a \(other.type.rawValue) is no time", at: span, context)
            }
        }
    }

    private static func overrideHost(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let code = site.code(0, as: .string)?.asString else { return nil }
        return effect { _, context in
            let host = code(context)
            context.req.headers.set(.host, host)
            context.bereq.headers.set(.host, host)
        }
    }

    private static func injectVariable(_ site: CallSite) -> Code? {
        guard takes(2...2, site), let name = site.literal(0), let code = site.code(1) else { return nil }
        let value = code.value
        return effect { run, context in
            let given = value(context)
            run.injected[name] = given
            if name == "req.protocol" {
                run.injected["req.is_ssl"] = .bool(given.text(context) == "https")
            }
        }
    }

    private static func inspect(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let name = site.literal(0) else { return nil }
        return site.variable(name)
    }

    private static func getEnvironment(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let code = site.code(0, as: .string)?.asString else { return nil }
        return .string { context in
            let found = TestRun.of(context)?.environment(code(context).string)
            return found.map { context.arena.copy($0) } ?? .notSet
        }
    }

    // MARK: tables, backends, rates

    private static func knownTable(_ site: CallSite, _ index: Int) -> Int? {
        let name = site.word(index)
        if let table = site.table(name) { return table }
        site.report("no table is named '\(name)'", at: site.arguments[index].span)
        return nil
    }

    private static func tableSet(_ site: CallSite) -> Code? {
        guard takes(3...3, site), let table = knownTable(site, 0),
            let key = site.code(1, as: .string)?.asString, let value = site.code(2, as: .string)?.asString
        else { return nil }
        return effect { _, context in
            let old = context.snapshot.table(table)
            let new = old.adding([(key(context).string, value(context).string)])
            context.replace(table: table, with: new)
        }
    }

    private static func fixedRate(_ site: CallSite) -> Code? {
        guard takes(1...1, site), let rate = site.code(0, as: .float) else { return nil }
        let value = rate.value
        return effect { _, context in
            if case .float(let rate) = value(context) { context.rates.fixedRate = rate }
        }
    }

    private static func backendHealth(_ site: CallSite) -> Code? {
        guard takes(2...2, site), let backend = site.code(0, as: .backend),
            let healthy = site.code(1, as: .bool)
        else { return nil }
        let (place, value) = (backend.value, healthy.value)
        return effect { run, context in
            guard case .backend(let place) = place(context) else { return }
            let backends = context.snapshot.program.backends
            guard backends.indices.contains(Int(place)) else { return }
            let name = backends[Int(place)].name
            if value(context).isTrue { run.unhealthy.remove(name) } else { run.unhealthy.insert(name) }
        }
    }

    private static func tableMerge(_ site: CallSite) -> Code? {
        guard takes(2...2, site), let base = knownTable(site, 0), let other = knownTable(site, 1) else {
            return nil
        }
        return effect { _, context in
            let (old, more) = (context.snapshot.table(base), context.snapshot.table(other))
            context.replace(table: base, with: old.adding(more.entries))
        }
    }
}

extension TestRun {
    /// What a called sub's end means for the assertions that follow.
    func ended(_ flow: Flow, _ context: Context) {
        state = flow.state
        guard flow == .error else { return }
        context.obj.status = Int(clamping: context.errorStatus)
        context.obj.reason =
            context.errorResponse.isSet ? context.errorResponse : HeadWriter.reason(context.obj.status)
    }
}
