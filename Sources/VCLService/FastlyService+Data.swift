import Kernel

extension FastlyService {
    /// A table whose entries change without a new version.
    package struct Dictionary: ServiceObject {
        package struct Item: Sendable, Equatable {
            package var key: String
            package var value: String

            package init(key: String, value: String) { (self.key, self.value) = (key, value) }
        }

        package var id = ""
        package var name = ""
        /// Its entries are secret: no reader ever gets them.
        package var isWriteOnly = false
        package var items: [Item] = []

        package init() {}
        package init(name: String, items: [Item] = []) { (self.name, self.items) = (name, items) }

        package static let fields: [ServiceField<Dictionary>] = [
            .text("id dictionary_id", \.id), .text("name", \.name), .flag("write_only", \.isWriteOnly),
            ServiceField(
                ["items"], read: { try $2.items = Dictionary.items($0, at: $1) },
                write: { .object($0.items.map { JSONMember($0.key, .string($0.value)) }) }),
        ]

        /// An object of keys and values, or the API's list of `{"item_key", "item_value"}`.
        static func items(_ json: JSONValue, at place: JSONPath) throws -> [Item] {
            func text(_ value: JSONValue?, _ place: JSONPath) throws -> String {
                switch value {
                case .string(let text)?, .number(let text)?: return text
                case .bool(let flag)?: return String(flag)
                default: throw Failure.expected("a text", value ?? .null, place)
                }
            }
            switch json {
            case .object(let members):
                return try members.map {
                    Item(key: $0.name, value: try text($0.value, place.child($0.name)))
                }
            case .array(let elements):
                return try elements.enumerated().map { index, element in
                    let here = place.child(index)
                    let key = try text(element["item_key"] ?? element["key"], here.child("item_key"))
                    let value = try text(element["item_value"] ?? element["value"], here.child("item_value"))
                    return Item(key: key, value: value)
                }
            default: throw Failure.expected("an object of keys and values", json, place)
            }
        }
    }

    package struct ACL: ServiceObject {
        package struct Entry: ServiceObject {
            package var address = ""
            /// Bits of the network's prefix; all of the address when nil.
            package var subnet: Int?
            package var isNegated = false
            package var comment = ""

            package init() {}
            package static let fields: [ServiceField<Entry>] = [
                .text("ip", \.address), .number("subnet", \.subnet, 0...128), .flag("negated", \.isNegated),
                .text("comment", \.comment),
            ]
        }

        package var id = ""
        package var name = ""
        package var entries: [Entry] = []

        package init() {}
        package static let fields: [ServiceField<ACL>] = [
            .text("id acl_id", \.id), .text("name", \.name), .objects("entries entry", \.entries),
        ]
    }

    /// Stops clients that ask too often.
    package struct RateLimiter: ServiceObject {
        package enum Action: String, Sendable, CaseIterable {
            case response, responseObject = "response_object", logOnly = "log_only"
        }

        package struct Response: ServiceObject {
            package var status = 429
            package var contentType = "text/html"
            package var content = ""
            package init() {}
            package static let fields: [ServiceField<Response>] = [
                .number("status", \.status, 100...999), .text("content_type", \.contentType),
                .text("content", \.content),
            ]
        }

        package var name = ""
        package var action = Action.response
        /// Variables that tell clients apart.
        package var clientKey: [String] = ["req.http.Fastly-Client-IP"]
        package var methods: [String] = []
        /// Requests in each second, on average over the window.
        package var limit = 100
        /// Seconds: 1, 10 or 60.
        package var window = 60
        /// Minutes.
        package var penalty = 1
        package var response = Response()
        package var responseObject = ""
        package var uriDictionary = ""

        package init() {}
        package static let fields: [ServiceField<RateLimiter>] = [
            .text("name", \.name), .choice("action", \.action), .words("client_key", \.clientKey),
            .words("http_methods", \.methods), .number("rps_limit", \.limit, 1...70_000_000),
            .number("window_size", \.window, 1...60),
            .number("penalty_box_duration", \.penalty, 1...60), responseField,
            .text("response_object_name", \.responseObject), .text("uri_dictionary_name", \.uriDictionary),
        ]

        /// Terraform has a list of at most one.
        private static let responseField = ServiceField<RateLimiter>(
            ["response"],
            read: { value, place, limiter in
                if case .array(let elements) = value {
                    if let first = elements.first { try limiter.response.read(first, at: place.child(0)) }
                } else {
                    try limiter.response.read(value, at: place)
                }
            }, write: { $0.response.json })
    }
}
