import Foundation
import HTTPKit
import Journey
import Kernel
import Services

/// What Fastly has and HQ has not. Tools that read a whole service ask for all of it: there is none. Whoever writes some is told so.
enum UnsupportedRoutes {
    static let all: [Route] =
        [
            Route("GET", "/service/:service/version/:version/*kind", .viewer) { call in
                let number = try call.version
                _ = try call.read { try Services.version(number, of: call.service, in: $0) }
                let words = call["kind"].split(separator: "/")
                // Of some there is one or none, and no list.
                guard !UnsupportedRoutes.single.contains(call["kind"]) else {
                    throw Failure(.notFound, "HQ has no \(call["kind"])")
                }
                // `logging/s3` is a list, `logging/s3/mine` one of them.
                let listLength = words.first == "logging" ? 2 : 1
                guard words.count <= listLength else {
                    throw Failure(.notFound, "HQ has no \(words.prefix(listLength).joined(separator: "/"))")
                }
                return Answer(.array([]))
            }
        ]
        + ["POST", "PUT", "PATCH", "DELETE"].flatMap { method in
            [
                "/service/:service/version/:version/*kind", "/service/:service/*kind", "/tokens",
            ]
            .map { path in
                Route(method, path, .viewer) { call in
                    let what = call.parts["kind"]?.split(separator: "/").prefix(2).joined(separator: "/")
                    throw UnsupportedRoutes.failure(what ?? String(call.request.path.dropFirst()))
                }
            }
        }

    private static let single: Set<String> = ["http3", "package", "image_optimizer_default_settings"]

    private static func failure(_ what: String) -> Failure {
        let others: [String: String] = [
            "tokens": "tokens are made with: hq token create",
            "logging": "logs are written where campaign.yaml says, under edge: log-endpoints",
        ]
        let hint = others.first { what.hasPrefix($0.key) }?.value ?? "write it in VCL, where that can do it"
        return Failure(.unavailable, "HQ has no \(what)", hint: hint, context: ["status": "501"])
    }
}
