/// An entry as an option writes it: `redirects./store=/donate`.
struct DictionaryEntry {
    let name: String
    let key: String
    let value: String

    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let names = parts[0].split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, names.count == 2 else { return nil }
        (name, key, value) = (names[0], names[1], parts[1])
    }
}
