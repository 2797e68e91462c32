/// A header as a program writes it, `req.http.Cookie:session`.
struct WrittenHeader {
    static let messages: Set<String> = ["req", "bereq", "beresp", "obj", "resp"]

    let message: String
    let name: String
    let subfield: String?

    init?(_ word: String) {
        let parts = word.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "http", WrittenHeader.messages.contains(String(parts[0])) else {
            return nil
        }
        message = String(parts[0])
        let names = parts[2].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(names[0])
        subfield = names.count == 2 ? String(names[1]) : nil
    }

    /// Headers are the same in any case of letters, and with any of their fields.
    var symbolName: String { "\(message).http.\(name.lowercased())" }
}
