import Kernel

/// Programs that the grammar allows, with comments and line breaks wherever these may stand.
struct RandomProgram {
    var random: SeededRandom
    private var out = ""
    private var depth = 0

    static func make(seed: UInt64) -> String {
        var program = RandomProgram(random: SeededRandom(seed: seed))
        for _ in 0...program.random.below(5) { program.declaration() }
        return program.out
    }

    private init(random: SeededRandom) { self.random = random }

    // MARK: between the words

    private static let gaps: [String] = [
        " ", " ", " ", " ", " ", " ", " ", "  ", "\n", "\n\n\n", "\t", " /* c */ ", " // c\n", "\n# c\n",
        "\n/* c\n */\n",
        "\r\n", " /* a */ /* b */ ", "\n // a\n\n // b\n", "\nC!\n",
    ]

    /// A word, and something between it and the next.
    private mutating func put(_ text: String) { out += text + random.pick(RandomProgram.gaps) }

    /// A word that must not begin a line, since it would be read as a statement there.
    private mutating func glue(_ text: String) { out += text + " " }

    private mutating func name() -> String {
        random.pick([
            "a", "req.http.A", "req.http.Cookie:b-c", "var.x", "F_a1", "re.group.1", "obj.status", "log", "C",
            "W",
        ])
    }

    private mutating func string() -> String {
        random.pick([
            "\"\"", "\"a b\"", "\"// no comment\"", "\"/* neither\"", "{\"long \" string\"}",
            "{x\"a\"} \n b\"x}", "\"é%u{41}\"",
            "\"a rather long string that makes lines longer than they may be\"", "{\"\"}",
        ])
    }

    private mutating func number() -> String {
        random.pick(["0", "42", "0xFF", "1.5", "1e3", "0x1.8p3", "10s", "5ms", "1.5h", "2y"])
    }

    // MARK: expressions

    private mutating func expression() {
        depth += 1
        defer { depth -= 1 }
        comparison()
        while depth < 5, random.chance(30) {
            put(random.pick(["&&", "||"]))
            comparison()
        }
    }

    private mutating func comparison() {
        strings()
        guard random.chance(30) else { return }
        put(random.pick(["==", "!=", "~", "!~", "<", "<=", ">", ">="]))
        strings()
    }

    private mutating func strings() {
        if random.chance(10) { put("!") }
        operand()
        while random.chance(25) {
            if random.chance(40) {
                put("+")
                operand()
            } else {
                put(random.chance(50) ? string() : "var.y")
            }
        }
    }

    private mutating func operand() {
        switch random.below(depth > 4 ? 4 : 7) {
        case 0: put(number())
        case 1, 2: put(string())
        case 3: glue(name())
        case 4:
            put("(")
            expression()
            put(")")
        case 5: put("-" + number())
        default:
            put(random.pick(["std.f", "regsub", "if"]) + random.pick(["(", " ("]))
            for index in 0..<random.below(4) {
                if index > 0 { put(",") }
                expression()
            }
            put(")")
        }
    }

    // MARK: statements

    private mutating func block() {
        put("{")
        if depth < 4 { for _ in 0..<random.below(4) { statement() } }
        put("}")
    }

    private mutating func statement() {
        depth += 1
        defer { depth -= 1 }
        var needsEnd = true
        switch random.below(12) {
        case 0: assignment()
        case 1: conditional()
        case 2: choice()
        case 3:
            block()
            needsEnd = false
        case 4:
            put("log")
            expression()
        case 5:
            put("error")
            put(number())
            if random.chance(50) { put(string()) }
        case 6:
            put("return")
            glue(random.pick(["(lookup)", "( pass )", "", "x"]))
        case 7:
            put("std.collect(")
            expression()
            put(")")
        case 8:
            needsEnd = false
            out += "\n" + random.pick(["#FASTLY recv", "# FASTLY FETCH", "#FASTLY hit  "]) + "\n"
        case 9: put(random.pick(["esi", "restart", "call a", "call b(1)", "unset req.http.A-*", "goto x"]))
        case 10:
            out += "\nlabel: "
            needsEnd = false
        default: put("declare local var.x INTEGER" + random.pick(["", " = 5", " = \"a\" \"b\""]))
        }
        if needsEnd { put(";") }
    }

    private mutating func assignment() {
        put("set")
        put("req.http.A")
        put(random.pick(["=", "+=", "||=", "rol="]))
        expression()
    }

    private mutating func conditional() {
        put("if")
        branch()
        while random.chance(30) {
            put(random.pick(["else if", "elsif", "elseif"]))
            branch()
        }
        if random.chance(30) {
            put("else")
            block()
        }
        out += "\nesi"
    }

    private mutating func branch() {
        put("(")
        expression()
        put(")")
        block()
    }

    private mutating func choice() {
        put("switch")
        put("(a)")
        put("{")
        for _ in 0..<random.below(4) {
            put(random.pick(["case", "case ~"]))
            put(string())
            put(":")
            statement()
        }
        if random.chance(30) { put("default:") }
        put("}")
        out += "\nesi"
    }

    // MARK: declarations

    private mutating func declaration() {
        out += "\n"
        switch random.below(10) {
        case 0: put(random.pick(["import std;", "include \"a\";", "pragma optional_param a 1;"]))
        case 1: list("acl a", [("\"10.0.0.0\"", ";"), ("!\"::1\"/64", ";"), ("\"a\" / 8", ";")])
        case 2: list("table t" + random.pick(["", " BOOL"]), [("\"a\":true", ","), ("\"b\" : \"c\"", ",")])
        case 3:
            list(
                "backend b",
                [(".host = \"a\"", ";"), (".probe = { .dummy = true ; }", random.pick(["", ";"]))])
        case 4:
            list(
                "director d random",
                [(".quorum = 5%", ";"), ("{ .backend = b; .weight = 1; }", random.pick(["", ";"]))])
        case 5: put("describe d { before_recv { esi; } sub x { } }")
        case 6: put(random.pick(["penaltybox p { }", "ratecounter r {}"]))
        default:
            put("sub")
            put(random.pick(["vcl_recv", "f(STRING var.a, BOOL var.b) INTEGER", "g BOOL"]))
            block()
        }
    }

    private mutating func list(_ head: String, _ entries: [(String, String)]) {
        put(head)
        put("{")
        for index in 0..<random.below(4) {
            _ = index
            let (text, end) = random.pick(entries)
            put(text)
            if !end.isEmpty { put(end) }
        }
        put("}")
    }
}
