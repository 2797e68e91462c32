import Kernel

/// Why a request gets no result (JSON-RPC 2.0, and LSP 3.17's own codes).
struct Refusal: Error {
    let code: Int
    let message: String

    static func unreadable(_ message: String) -> Refusal { Refusal(code: -32700, message: message) }
    static func invalidRequest(_ message: String) -> Refusal { Refusal(code: -32600, message: message) }
    static func unknownMethod(_ name: String) -> Refusal {
        Refusal(code: -32601, message: "this server has no method '\(name)'")
    }
    static func invalidParameters(_ message: String) -> Refusal { Refusal(code: -32602, message: message) }
    static let notInitialized = Refusal(code: -32002, message: "the server waits for 'initialize'")
    /// The request is well formed and cannot be done; the message is for the person.
    static func failed(_ message: String) -> Refusal { Refusal(code: -32803, message: message) }

    func answer(to id: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": .string(message)]]
    }
}
