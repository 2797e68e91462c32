import Kernel
import VCL

/// One offer to go on with.
struct Completion {
    /// The protocol's numbers.
    enum Kind: Int {
        case function = 3, field = 5, variable = 6, property = 10, value = 12, keyword = 14, snippet = 15
        case state = 20, constant = 21, type = 25
    }

    let label: String
    let kind: Kind
    var detail = ""
    /// What is inserted where that is not the label: a snippet with places to fill in.
    var snippet: String?
    /// Where its documentation is found.
    var symbol: Symbol?
    /// The smaller, the further up.
    var rank = 5
    var isDeprecated = false

    init(
        _ label: String, _ kind: Kind, _ detail: String = "", snippet: String? = nil, symbol: Symbol? = nil,
        rank: Int = 5
    ) {
        self.label = label
        self.kind = kind
        self.detail = detail
        self.snippet = snippet
        self.symbol = symbol
        self.rank = rank
    }
}

extension LanguageServer {
    mutating func completion(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        let context = CompletionContext(place.index, offset: place.offset)
        guard !context.isInText else { return ["isIncomplete": false, "items": []] }
        let source = CompletionSource(context, place.program, owner: owner(place, context))
        let word = context.word.lowercased()
        var seen: Set<String> = []
        let fitting = source.offers().filter {
            (word.isEmpty || $0.label.lowercased().contains(word)) && seen.insert($0.label).inserted
        }
        let shown = fitting.prefix(LanguageServerLimits.mostCompletions)
        let range = encoding.range(context.wordStart, place.offset, in: place.file)
        return [
            "isIncomplete": .bool(shown.count < fitting.count),
            "items": .array(shown.map { item($0, range, word, place.program.main) }),
        ]
    }

    /// The sub around the cursor. The words know it, also where the tree does not hold what is being typed.
    private func owner(_ place: AskedPlace, _ context: CompletionContext) -> String {
        let known = place.program.owner(at: place.offset, in: place.path)
        guard known.isEmpty, let container = context.containers.last(where: { $0.word == .sub }) else {
            return known
        }
        return container.name
    }

    private func item(_ offer: Completion, _ range: JSONValue, _ word: String, _ main: String) -> JSONValue {
        let begins = offer.label.lowercased().hasPrefix(word)
        var item: [String: JSONValue] = [
            "label": .string(offer.label), "kind": .integer(offer.kind.rawValue),
            "sortText": .string("\(begins ? 0 : 1)\(offer.rank)\(offer.label)"),
            "textEdit": ["range": range, "newText": .string(offer.label)],
        ]
        if !offer.detail.isEmpty { item["detail"] = .string(offer.detail) }
        if let snippet = offer.snippet, client.snippets {
            item["insertTextFormat"] = 2
            item["textEdit"] = ["range": range, "newText": .string(snippet)]
        }
        if offer.isDeprecated { item["tags"] = [1] }
        if let symbol = offer.symbol {
            item["data"] = [
                "kind": .string(symbol.kind.rawValue), "name": .string(symbol.name),
                "owner": .string(symbol.owner), "main": .string(main),
            ]
        }
        return .object(item)
    }

    /// The same item with its documentation.
    mutating func resolveCompletion(_ item: JSONValue) -> JSONValue {
        guard var members = item.object, let data = item["data"],
            let kind = data["kind"]?.string.flatMap(Symbol.Kind.init(rawValue:)),
            let name = data["name"]?.string, let main = data["main"]?.string
        else { return item }
        let symbol = Symbol(kind: kind, name: name, owner: data["owner"]?.string ?? "")
        if let text = text(for: symbol, in: workspace.program(main)) {
            members["documentation"] = text.content(markdown: client.markdown)
        }
        return .object(members)
    }
}
