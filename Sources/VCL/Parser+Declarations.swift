import Diagnostics

extension Parser {
    mutating func declarations(until stop: (Token.Kind) -> Bool) -> [Declaration] {
        var all: [Declaration] = []
        while kind != .end, !stop(kind) {
            let before = index
            reportedUnclosed = endsInside
            if let declaration = declaration() {
                all.append(declaration)
            } else if !skipped {
                recoverToDeclaration(from: before)
            }
            skipped = false
        }
        return all
    }

    private mutating func declaration() -> Declaration? {
        let (start, first) = (token.span, index)
        guard kind == .identifier else { return notADeclaration() }
        switch word {
        case .include:
            advance()
            guard let path = expression(), end() else { return nil }
            return finish(.include(path), Name(path.span), start, first)
        case .import:
            advance()
            guard let name = name("a module's name"), end() else { return nil }
            return finish(.import_, name, start, first)
        case let word where word.opensDeclaration:
            advance()
            guard let name = declaredName(word), let body = declarationBody(word) else { return nil }
            return finish(body, name, start, first)
        default:
            guard next.kind == .leftBrace, let hook = hook() else { return notADeclaration() }
            return finish(hook, Name(start), start, first)
        }
    }

    private mutating func finish(_ kind: Declaration.Kind, _ name: Name, _ start: Span, _ first: Int)
        -> Declaration
    {
        defer { calls.removeAll(keepingCapacity: true) }
        return Declaration(
            kind: kind, name: name, span: start.through(previous.span),
            calls: calls.isEmpty ? [] : Array(calls[...]),
            comments: commentsBefore(token: first))
    }

    private mutating func declaredName(_ word: Keyword) -> Name? {
        guard kind != .identifier else { return name("") }
        complain("the \(word.rawValue)'s name", hint: "write '\(word.rawValue) name { ... }'")
        return nil
    }

    private mutating func notADeclaration() -> Declaration? {
        let list = "sub, acl, backend, director, table, include and import"
        switch kind {
        case .rightBrace:
            mistake(
                at: token.span, "this '}' closes nothing", hint: "remove it, or look for a '}' too many above"
            )
            advance()
        case .semicolon:
            mistake(at: token.span, "this ';' ends nothing", hint: "remove it")
            advance()
        case .macro:
            mistake(at: token.span, "'\(text)' stands in no sub", hint: "move it into the sub of its state")
        case .identifier where word.opensStatement || word.continuesIf:
            mistake(
                at: token.span, "'\(text)' is a statement, which stands inside a sub",
                hint: "move it into a sub, or look for a '}' too many above")
        case .identifier:
            let words = Keyword.allCases.filter { $0.opensDeclaration || $0 == .include || $0 == .import }
            let near = nearest(text, words.map(\.rawValue))
            complain("a declaration", hint: near ?? "a program is made of \(list)")
            // What was meant as a declaration is passed over whole.
            if next.kind == .identifier || next.kind == .leftBrace, recoverToBlock() {
                advance()
                skipBlock()
                skipped = true
            }
        default:
            complain("a declaration", hint: "a program is made of \(list)")
        }
        return nil
    }

    private mutating func declarationBody(_ word: Keyword) -> Declaration.Kind? {
        switch word {
        case .acl: return acl()
        case .backend: return properties().map { .backend($0) }
        case .director: return director()
        case .table: return table()
        case .sub: return sub()
        case .describe: return describe()
        case .penaltybox: return emptyBody("a penaltybox") ? .penaltybox : nil
        default: return emptyBody("a ratecounter") ? .ratecounter : nil
        }
    }

    private mutating func emptyBody(_ what: String) -> Bool {
        let open = token.span
        guard need(.leftBrace, "'{'") else { return false }
        if kind != .rightBrace, kind != .end, !beginsDeclaration {
            mistake(at: token.span, "\(what) has nothing between its braces", hint: "empty it: { }")
            skipBlock()
            return true
        }
        close(open)
        return true
    }

    // MARK: lists

    private mutating func acl() -> Declaration.Kind? {
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        var entries: [ACLEntry] = []
        while kind != .rightBrace, kind != .end, !beginsDeclaration {
            let before = index
            if let entry = aclEntry() { entries.append(entry) } else { recoverToEntry(.semicolon) }
            if index == before { advance() }
        }
        close(open)
        return .acl(entries)
    }

    private mutating func aclEntry() -> ACLEntry? {
        let negated = take(.bang)
        guard kind == .string || kind == .longString else {
            complain("an address in quotes", hint: "for example \"192.0.2.0\"/24;")
            return nil
        }
        let address = token.span
        advance()
        if let slash = source.bytes[address.start..<address.end].firstIndex(of: UInt8(ascii: "/")) {
            return maskInQuotes(address, slash: slash, negated)
        }
        var bits: Name?
        if take(.slash) {
            guard kind == .integer else {
                complain("the number of bits behind '/'", hint: "for example \"192.0.2.0\"/24;")
                return nil
            }
            advance()
            bits = Name(previous.span)
        }
        guard end() else { return nil }
        return ACLEntry(negated: negated, address: Name(address), bits: bits)
    }

    /// `"10.0.0.0/8"`: told, and read as what was meant.
    private mutating func maskInQuotes(_ address: Span, slash: Int, _ negated: Bool) -> ACLEntry? {
        let file = Int(address.file)
        let host = Span(file: file, start: address.start, end: slash)
        let bits = Span(file: file, start: slash + 1, end: address.end - 1)
        mistake(
            at: address, "the length of a mask stands behind the quotes",
            hint: "write \(source.text(host))\"/\(source.text(bits));")
        guard end() else { return nil }
        return ACLEntry(negated: negated, address: Name(host), bits: Name(bits))
    }

    private mutating func table() -> Declaration.Kind? {
        var type: Name?
        if kind == .identifier { type = name("") }
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        var entries: [TableEntry] = []
        while kind != .rightBrace, kind != .end, !beginsDeclaration {
            let before = index
            if let entry = tableEntry() { entries.append(entry) } else { recoverToEntry(.comma) }
            if index == before { advance() }
        }
        close(open)
        return .table(type: type, entries)
    }

    private mutating func tableEntry() -> TableEntry? {
        guard kind == .string || kind == .longString else {
            complain("a key in quotes", hint: "an entry is written \"key\": \"value\",")
            return nil
        }
        let key = Name(token.span)
        advance()
        guard need(.colon, "':'", hint: "an entry is written \"key\": \"value\","),
            let value = primary()
        else { return nil }
        if !take(.comma), kind != .rightBrace {
            complain("','", hint: "the entries of a table are separated by ','")
            if kind == .semicolon { advance() } else if !token.startsLine { return nil }
        }
        return TableEntry(key: key, value: value)
    }

    private mutating func director() -> Declaration.Kind? {
        guard let type = name("the director's type", hint: "random, fallback, hash, client, chash or shield")
        else { return nil }
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        var own: [Property] = []
        var members: [[Property]] = []
        while kind != .rightBrace, kind != .end, !beginsDeclaration {
            let before = index
            if kind == .leftBrace {
                if let member = properties() { members.append(member) }
                _ = take(.semicolon)
            } else if let property = property() {
                own.append(property)
            } else {
                recoverToEntry(.semicolon)
            }
            if index == before { advance() }
        }
        close(open)
        return .director(type: type, properties: own, members: members)
    }

    // MARK: properties

    private mutating func properties() -> [Property]? {
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("properties", at: open)
            return nil
        }
        var all: [Property] = []
        while kind != .rightBrace, kind != .end, !beginsDeclaration {
            let before = index
            if let property = property() { all.append(property) } else { recoverToEntry(.semicolon) }
            if index == before { advance() }
        }
        close(open)
        return all
    }

    private mutating func property() -> Property? {
        guard kind == .property else {
            let written = kind == .identifier && next.kind == .equal
            complain(
                "a property such as .host", hint: written ? "write '.\(text) = ...;', with a dot" : nil)
            return nil
        }
        let name = Name(token.span)
        advance()
        guard need(.equal, "'='") else { return nil }
        if kind == .leftBrace {
            guard let block = properties() else { return nil }
            _ = take(.semicolon)
            return Property(name: name, value: .block(block))
        }
        guard let value = expression(), end() else { return nil }
        return Property(name: name, value: .expression(value))
    }
}
