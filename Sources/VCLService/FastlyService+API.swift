import Kernel

extension FastlyService {
    /// A service from the API's JSON: one version with its lists, or a service's details, of which the
    /// version with this number, else the active one, else the latest is taken. Throws `Failure(.invalid)` or
    /// `Failure(.notFound)`.
    package init(api bytes: [UInt8], name: String = "the service", version wanted: Int? = nil) throws {
        let json = try JSONReader.read(bytes, name: name)
        guard case .object = json else { throw Failure.expected("an object", json, JSONPath(name)) }
        self.init()
        guard let (found, path) = FastlyService.version(in: json, wanted) else {
            if let wanted, FastlyService.isDetails(json) {
                throw Failure(.notFound, "\(name) does not tell what version \(wanted) holds")
            }
            try read(json)
            return
        }
        try read(found, at: path)
        if let id = json["id"]?.string { self.id = id }
        if let title = json["name"]?.string { self.name = title }
    }

    private static func isDetails(_ json: JSONValue) -> Bool {
        json["versions"] != nil || json["active_version"] != nil
    }

    /// The versions whose content a details document holds.
    private static func version(in json: JSONValue, _ wanted: Int?) -> (JSONValue, JSONPath)? {
        for name in ["active_version", "version"] {
            guard let version = json[name], case .object = version else { continue }
            if let wanted, version["number"] != .integer(wanted) { continue }
            return (version, JSONPath(name))
        }
        return nil
    }
}
