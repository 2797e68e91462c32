/// Spells values in VCL.
enum VCLText {
    /// A name that VCL takes: what is neither letter, digit nor `_` becomes `_`.
    static func identifier(_ name: String) -> String {
        String(name.map { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) ? $0 : "_" })
    }

    /// A short string; what would end or change it is escaped.
    static func short(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "%22"
            case "%": out += "%25"
            case "\n": out += "%0A"
            case "\r": out += "%0D"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// A string with nothing escaped, as patterns and pages need it: short where that is possible.
    static func string(_ text: String) -> String {
        guard text.contains(where: { $0 == "\"" || $0 == "%" || $0.isNewline }) else { return "\"\(text)\"" }
        var mark = ""
        while text.contains("\"\(mark)}") || (mark.isEmpty && text.hasSuffix("\"")) { mark += "x" }
        return "{\(mark)\"\(text)\"\(mark)}"
    }

    /// Text that stands in a comment.
    static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}
