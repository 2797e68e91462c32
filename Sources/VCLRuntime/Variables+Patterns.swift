import Kernel
import VCL

extension Variables {
    /// Families of variables that hold a name. Fastly's page on a director's health tells of backends as well, and the
    /// other way round, so that either prefix takes either.
    package static let patterns: [VariablePattern] = [
        VariablePattern(
            "backend.", ".healthy", .backend, .bool, .all,
            backendCode: { place in .bool { $0.isHealthy(place: place) } },
            "Whether the backend answers, or of a director enough backends to meet its quorum."),
        VariablePattern(
            "director.", ".healthy", .backend, .bool, .all,
            backendCode: { place in .bool { $0.isHealthy(place: place) } },
            "Whether enough backends of the director answer to meet its quorum."),
        VariablePattern(
            "backend.", ".connections_open", .backend, .integer, .all,
            backendCode: { place in .integer { Int64($0.facts?.connections(backend: place).open ?? 0) } },
            "Connections to the backend; 0 where the host does not say."),
        VariablePattern(
            "backend.", ".connections_used", .backend, .integer, .all,
            backendCode: { place in .integer { Int64($0.facts?.connections(backend: place).used ?? 0) } },
            "Connections to the backend that are in use; 0 where the host does not say."),
        bucket(".bucket.10s", 10), bucket(".bucket.20s", 20), bucket(".bucket.30s", 30),
        bucket(".bucket.40s", 40), bucket(".bucket.50s", 50), bucket(".bucket.60s", 60),
        rate(".rate.1s", 1), rate(".rate.10s", 10), rate(".rate.60s", 60),
        header(.req, "A header of the client's request, or what the program keeps under such a name."),
        header(.bereq, "A header of the request to the backend."),
        header(.beresp, "A header of the backend's response."),
        header(.obj, "A header of the object, or of the answer that vcl_error makes."),
        header(.resp, "A header of the response to the client."),
        VariablePattern(
            "re.group.", "", .group, .string, .all,
            "What group N of the latest regular expression that matched took, 0 for the whole, up to 10."),
    ]

    private static func bucket(_ suffix: String, _ seconds: Int) -> VariablePattern {
        VariablePattern(
            "ratecounter.", suffix, .rateCounter, .integer, .all,
            "Increments of the entry that this request counted last, in the \(seconds) seconds that end now.")
    }

    private static func rate(_ suffix: String, _ seconds: Int) -> VariablePattern {
        VariablePattern(
            "ratecounter.", suffix, .rateCounter, .float, .all,
            "Increments a second of the entry that this request counted last, over \(seconds) seconds.")
    }

    private static func header(_ place: HeaderReference.Place, _ summary: String) -> VariablePattern {
        VariablePattern(
            place.rawValue + ".http.", "", .header, .string, place.readScopes, isSettable: true,
            isUnsettable: true, summary)
    }
}
